using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the tells of one actor interface: a struct with its methods, and the extension method that gives it.</summary>
internal static class TellEmitter
{
    private const string Calls = "global::Kameo.Actors.Calls";
    private const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

    /// <summary>Writes them.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="model">The interface.</param>
    /// <param name="room">The namespace of its calls.</param>
    public static void Emit(SourceWriter writer, InterfaceModel model, string room)
    {
        string field = Parsing.Naming.Free("_actor", model.Methods.Select(static method => method.Name));
        writer.Line($"/// <summary>Tells for <see cref=\"{Cref(model)}\"/>: sent, not answered.</summary>");
        writer.Open($"{model.Accessibility} readonly struct {model.TellName}");
        writer.Line($"private readonly {model.TypeName} {field};").Line();
        writer.Line($"internal {model.TellName}({model.TypeName} actor) => this.{field} = actor;");

        // Methods of two base interfaces may differ in their result alone; tells have none.
        foreach (MethodModel method in model.Methods.Where(static method => method.Return != ReturnKind.Items).GroupBy(static method => (method.Name, string.Join(",", method.Parameters.Select(static parameter => parameter.DeclaredType)))).Select(static same => same.First()))
        {
            writer.Line();
            Tell(writer, model, method, field, room);
        }

        writer.Close().Line();
        writer.Line(Hidden);
        writer.Open($"{model.Accessibility} static class {model.TellName}s");
        writer.Line("/// <summary>The actor's methods as tells: each completes when its call has been sent, and nobody waits for the result.</summary>");
        bool isForm = model.TypeName.Contains('<');
        if (isForm)
        {
            writer.Line("#nullable disable annotations"); // ICell<string> and ICell<string?> are one form.
        }

        writer.Line($"public static {model.TellName} Tell(this {model.TypeName} actor) => new(actor ?? throw new global::System.ArgumentNullException(nameof(actor)));");
        if (isForm)
        {
            writer.Line("#nullable enable annotations");
        }

        writer.Close();
    }

    private static string Cref(InterfaceModel model) => model.TypeName.Replace('<', '{').Replace('>', '}');

    private static void Tell(SourceWriter writer, InterfaceModel model, MethodModel method, string field, string room)
    {
        string arguments = string.Join(", ", method.Parameters.Select(static parameter => parameter.Name));
        string reference = InterfaceEmitter.Local("reference", method);
        writer.Line($"/// <summary>Sends <see cref=\"{Cref(model)}.{method.Identifier}\"/>; completes when the ring or the mailbox has it.</summary>");
        writer.Open($"public global::System.Threading.Tasks.ValueTask {method.Identifier}({Parameters(method)})");
        writer.Open($"if (this.{field} is not {Calls}.ActorReference {reference})");
        string invocation = $"(({method.DeclaringType})this.{field}).{method.Identifier}({arguments})";
        if (method.Return == ReturnKind.Void)
        {
            writer.Line($"{invocation};").Line("return default;");
        }
        else
        {
            writer.Line($"return {Calls}.Tells.Drop({invocation});");
        }

        writer.Close().Line();
        if (InlineEmitter.Applies(model, method))
        {
            writer.Line($"return {InlineEmitter.Tell(method, reference, $"global::{room}.")};").Close();
            return;
        }

        string call = InterfaceEmitter.Fill(writer, method, $"global::{room}.{InterfaceEmitter.CallName(method)}");
        writer.Line($"return {Calls}.Tells.Send({reference}, {call}{InterfaceEmitter.Token(method)});");
        writer.Close();
    }

    /// <summary>As declared, with their defaults; a cancellation token may always be left out. C# has no default before a parameter without one.</summary>
    private static string Parameters(MethodModel method)
    {
        var parameters = new Stack<string>();
        bool mayDefault = true;
        foreach (ParameterModel parameter in method.Parameters.Reverse())
        {
            string? value = parameter.IsCancellation ? "default" : parameter.Default;
            bool isParams = parameter.Modifiers.EndsWith("params ", StringComparison.Ordinal);
            mayDefault &= value is not null || isParams;
            parameters.Push($"{parameter.Modifiers}{parameter.DeclaredType} {parameter.Name}{(mayDefault && !isParams ? " = " + value : string.Empty)}");
        }

        return string.Join(", ", parameters);
    }
}
