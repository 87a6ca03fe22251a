using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the struct of a method's arguments: by it an ask may run on its caller's stack, a tell waits in the mailbox of an actor of the same node, and a request of another node runs, all without a call object.</summary>
internal static class InlineEmitter
{
    private const string Calls = "global::Kameo.Actors.Calls";

    /// <summary>Whether a method has one: not if its turn needs a token of its own, and not where payloads are, which belong to a call.</summary>
    public static bool Applies(InterfaceModel model, MethodModel method) =>
        !model.IsObserver && !model.HasPayloads && method.Return is not (ReturnKind.Items or ReturnKind.Void) && method.Parameters.All(static parameter => !parameter.IsCancellation);

    /// <summary>The expression that calls.</summary>
    public static string Call(MethodModel method) => $"this.{(method.IsOneWay ? "TellInline" : "AskInline")}<{Types(method, string.Empty)}>({Fill(method, string.Empty)})";

    /// <summary>The expression that tells, outside of the reference.</summary>
    public static string Tell(MethodModel method, string reference, string room) => $"{Calls}.Tells.Send<{Types(method, room)}>({reference}, {Fill(method, room)})";

    /// <summary>The expression that makes what runs such requests.</summary>
    public static string Inbound(InterfaceModel model, MethodModel method) =>
        $"new {Calls}.{(method.Result is null ? "VoidInboundForm" : "InboundForm")}<{Types(method, string.Empty)}>({(model.HasReferences ? "true" : "false")})";

    /// <summary>Writes the struct.</summary>
    public static void Emit(SourceWriter writer, MethodModel method)
    {
        string call = InterfaceEmitter.CallName(method);
        string result = method.Result?.Type ?? string.Empty;
        ParameterModel[] arguments = [.. method.Arguments];
        writer.Line($"/// <summary>The arguments of {method.Name}, without a call object.</summary>");
        writer.Open($"internal struct {Name(method)} : {Calls}.IInlineAsk{(method.Result is null ? string.Empty : $"<{result}>")}");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"public {argument.Value!.Type} {argument.Field};");
        }

        writer.Line($"public static {Calls}.ActorMethod Method => Description.{method.UniqueName}Method;");
        string invocation = $"(({method.DeclaringType})actor).{method.Identifier}({string.Join(", ", arguments.Select(static argument => argument.Field))})";
        string value = method.Return is ReturnKind.Task or ReturnKind.TaskOfResult ? $"new({CallEmitter.NotNull(method, invocation)})" : invocation;
        writer.Line($"public readonly global::System.Threading.Tasks.ValueTask{(method.Result is null ? string.Empty : $"<{result}>")} Invoke(object actor) => {value};");
        writer.Open("public void CopyArguments()");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"{argument.Field} = {argument.Value!.Formatter}.Copy({argument.Field});");
        }

        writer.Close();
        CallEmitter.Encode(writer, "public readonly", arguments);
        CallEmitter.Decode(writer, "public", null, arguments);
        if (method.Result is { } copied)
        {
            writer.Line($"public readonly void EncodeResult({CallEmitter.Writer}, {result} result) => {copied.Formatter}.Encode(ref writer, result);");
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

    private static string Types(MethodModel method, string room) => $"{room}{Name(method)}{(method.Result is null ? string.Empty : $", {method.Result.Type}")}";

    private static string Fill(MethodModel method, string room) =>
        $"new {room}{Name(method)} {{ {string.Join(", ", method.Arguments.Select(static argument => $"{argument.Field} = {argument.Name}"))} }}";

    private static string Name(MethodModel method) => method.UniqueName + "Inline";
}
