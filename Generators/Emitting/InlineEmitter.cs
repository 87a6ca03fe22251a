using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the struct by which an ask may run on its caller's stack.</summary>
internal static class InlineEmitter
{
    private const string Calls = "global::Kameo.Actors.Calls";

    /// <summary>Whether a method's asks may: its turn needs no token of its own, and somebody waits for what it returns.</summary>
    public static bool Applies(InterfaceModel model, MethodModel method) =>
        !model.IsObserver && !method.IsOneWay && method.Return is not (ReturnKind.Items or ReturnKind.Void) && method.Parameters.All(static parameter => !parameter.IsCancellation);

    /// <summary>The expression that asks.</summary>
    public static string Ask(MethodModel method)
    {
        string values = string.Join(", ", method.Arguments.Select(static argument => $"{argument.Field} = {argument.Name}"));
        return $"this.AskInline<{Name(method)}{(method.Result is null ? string.Empty : $", {method.Result.Type}")}>(new {Name(method)} {{ {values} }})";
    }

    /// <summary>Writes the struct.</summary>
    public static void Emit(SourceWriter writer, MethodModel method)
    {
        string call = InterfaceEmitter.CallName(method);
        string result = method.Result?.Type ?? string.Empty;
        ParameterModel[] arguments = [.. method.Arguments];
        writer.Line($"/// <summary>An ask of {method.Name} that may run on its caller's stack.</summary>");
        writer.Open($"internal struct {Name(method)} : {Calls}.IInlineAsk{(method.Result is null ? string.Empty : $"<{result}>")}");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"public {argument.Value!.Type} {argument.Field};");
        }

        writer.Line($"public static {Calls}.ActorMethod Method => Description.{method.UniqueName}Method;");
        string invocation = $"(({method.DeclaringType})actor).{method.Identifier}({string.Join(", ", arguments.Select(static argument => argument.Field))})";
        string value = method.Return is ReturnKind.Task or ReturnKind.TaskOfResult ? $"new({invocation})" : invocation;
        writer.Line($"public readonly global::System.Threading.Tasks.ValueTask{(method.Result is null ? string.Empty : $"<{result}>")} Invoke(object actor) => {value};");
        writer.Open("public void CopyArguments()");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"{argument.Field} = {argument.Value!.Formatter}.Copy({argument.Field});");
        }

        writer.Close();
        if (method.Result is { } copied)
        {
            writer.Line($"public readonly {result} CopyResult({result} result) => {copied.Formatter}.Copy(result);");
        }

        writer.Open($"public readonly {Calls}.{(method.Result is null ? "VoidActorCall" : $"ActorCall<{result}>")} Rent()");
        writer.Line($"{call} call = {Calls}.CallPool<{call}>.Rent();");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"call.{argument.Field} = {argument.Field};");
        }

        writer.Line("return call;").Close().Close();
    }

    private static string Name(MethodModel method) => method.UniqueName + "Inline";
}
