using System.Globalization;

namespace Kameo.Actors;

/// <summary>How long an ask of this method, or of every method of this interface, may take before it fails with <see cref="AskTimeoutException"/>.</summary>
/// <remarks>Without it the node's option decides (30 s by default). Inside a turn the shorter of this and the time left to that turn counts.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Interface)]
public sealed class AskTimeoutAttribute : Attribute
{
    /// <summary>Sets the time-out.</summary>
    /// <param name="timeout">A positive time span in the invariant format <c>[d.]hh:mm:ss[.fffffff]</c>, for example <c>"00:00:05"</c>; checked when the code is compiled.</param>
    /// <exception cref="FormatException">It is not a time span of that format.</exception>
    public AskTimeoutAttribute(string timeout) => Timeout = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);

    /// <summary>The time-out.</summary>
    public TimeSpan Timeout { get; }
}
