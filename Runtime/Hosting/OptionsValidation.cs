using Microsoft.Extensions.Options;

namespace Kameo.Actors.Hosting;

/// <summary>Checks a hosted node's options: every error at once, before anything of the host starts.</summary>
internal sealed class OptionsValidation : IValidateOptions<ActorNodeOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ActorNodeOptions options) =>
        options.Validate() is { Count: not 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
}
