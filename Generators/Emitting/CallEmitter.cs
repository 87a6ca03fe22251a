using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the call class of one method.</summary>
internal static class CallEmitter
{
    /// <summary>The parameter that arguments and results are written to.</summary>
    public const string Writer = "ref global::Kameo.Actors.Transport.MessagePack.MessagePackWriter writer";
    private const string Reader = "ref global::Kameo.Actors.Transport.MessagePack.MessagePackReader reader";
    private const string Elements = "global::Kameo.Actors.Serialization.Elements";

    private const string EnterNode = "using global::Kameo.Actors.Serialization.NodeScope scope = this.EnterNode();";

    /// <summary>Writes the class.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="model">The interface.</param>
    /// <param name="method">The method.</param>
    public static void Emit(SourceWriter writer, InterfaceModel model, MethodModel method)
    {
        string name = InterfaceEmitter.CallName(method);
        string result = method.Result?.Type ?? string.Empty;
        ParameterModel[] arguments = [.. method.Arguments];
        writer.Line($"/// <summary>A call of {method.Name}.</summary>");
        writer.Open($"internal sealed class {name} : {(method.Result is null ? "global::Kameo.Actors.Calls.VoidActorCall" : $"global::Kameo.Actors.Calls.ActorCall<{result}>")}");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"public {argument.Value!.Type} {argument.Field} = default!;");
        }

        writer.Line($"public override global::Kameo.Actors.Calls.ActorMethod Method => Description.{method.UniqueName}Method;");
        string values = string.Join(", ", method.Parameters.Select(static parameter => parameter.IsCancellation ? "this.CancellationToken" : parameter.Field));
        string target = model.IsObserver ? "global::Kameo.Actors.Observers.Observed.Target(actor)" : "actor";
        string invocation = $"(({method.DeclaringType}){target}).{method.Identifier}({values})";
        string body = method.Return switch
        {
            ReturnKind.Task or ReturnKind.TaskOfResult => $"=> new({NotNull(method, invocation)});",
            ReturnKind.Items => $"=> new(global::Kameo.Actors.Items.ActorItems.InTurn({NotNull(method, invocation)}));",
            ReturnKind.Void => $"{{ {invocation}; return default; }}",
            _ => $"=> {invocation};",
        };
        writer.Line($"public override global::System.Threading.Tasks.ValueTask{(method.Result is null ? string.Empty : $"<{result}>")} Invoke(object actor) {body}");

        Encode(writer, "public override", arguments);
        Decode(writer, "public override", model.HasReferences ? EnterNode : null, arguments);
        Each(writer, "CopyArguments", arguments, model.HasPayloads ? Scope("EnterArguments") : null, static argument => $"{argument.Field} = {argument.Value!.Formatter}.Copy({argument.Field});");
        Each(writer, "ClearArguments", arguments, null, static argument => $"{argument.Field} = default!;");
        if (arguments.Length != 0)
        {
            Box(writer, arguments);
        }

        if (method.Result is { } value)
        {
            writer.Line($"public override void EncodeResult({Writer}, {result} result) => {value.Formatter}.Encode(ref writer, result);");
            if (model.HasReferences)
            {
                writer.Open($"public override {result} DecodeResult({Reader})").Line(EnterNode).Line($"return {value.Formatter}.Decode(ref reader);").Close();
            }
            else
            {
                writer.Line($"public override {result} DecodeResult({Reader}) => {value.Formatter}.Decode(ref reader);");
            }

            if (model.HasPayloads)
            {
                writer.Open($"public override {result} CopyResult({result} result)").Line(Scope("EnterResult")).Line($"return {value.Formatter}.Copy(result);").Close();
            }
            else
            {
                writer.Line($"public override {result} CopyResult({result} result) => {value.Formatter}.Copy(result);");
            }
        }

        writer.Line($"public override void ReturnToPool() => global::Kameo.Actors.Calls.CallPool<{name}>.Return(this);");
        writer.Close();
    }

    /// <summary>Writes the method that writes the arguments.</summary>
    public static void Encode(SourceWriter writer, string modifiers, ParameterModel[] arguments)
    {
        writer.Open($"{modifiers} void EncodeArguments({Writer})");
        writer.Line($"writer.WriteArrayHeader({arguments.Length.ToString(CultureInfo.InvariantCulture)});");
        foreach (ParameterModel argument in arguments)
        {
            writer.Line($"{argument.Value!.Formatter}.Encode(ref writer, {argument.Field});");
        }

        writer.Close();
    }

    /// <summary>Writes the method that reads the arguments.</summary>
    public static void Decode(SourceWriter writer, string modifiers, string? first, ParameterModel[] arguments)
    {
        writer.Open($"{modifiers} void DecodeArguments({Reader})");
        if (first is not null && arguments.Length != 0)
        {
            writer.Line(first);
        }

        writer.Line("int count = reader.ReadArrayHeader();");
        for (int index = 0; index < arguments.Length; index++)
        {
            writer.Line($"{arguments[index].Field} = count > {index.ToString(CultureInfo.InvariantCulture)} ? {arguments[index].Value!.Formatter}.Decode(ref reader) : default!;");
        }

        writer.Line($"{Elements}.SkipBeyond(ref reader, count, {arguments.Length.ToString(CultureInfo.InvariantCulture)});");
        writer.Close();
    }

    /// <summary>For call filters: arguments as objects.</summary>
    private static void Box(SourceWriter writer, ParameterModel[] arguments)
    {
        writer.Line($"public override int ArgumentCount => {arguments.Length.ToString(CultureInfo.InvariantCulture)};");
        writer.Open("public override object? GetArgument(int index) => index switch");
        for (int index = 0; index < arguments.Length; index++)
        {
            writer.Line($"{index.ToString(CultureInfo.InvariantCulture)} => {arguments[index].Field},");
        }

        writer.Line("_ => base.GetArgument(index),").Close("};");
        writer.Open("public override void SetArgument(int index, object? value)").Open("switch (index)");
        for (int index = 0; index < arguments.Length; index++)
        {
            writer.Line($"case {index.ToString(CultureInfo.InvariantCulture)}: {arguments[index].Field} = global::Kameo.Actors.Calls.Invocation.Argument<{arguments[index].Value!.Type}>(value); break;");
        }

        writer.Line("default: base.SetArgument(index, value); break;").Close().Close();
    }

    /// <summary>An expression of a method's task or items. One that returns null is told so by its name.</summary>
    public static string NotNull(MethodModel method, string invocation) =>
        $"{invocation} ?? throw global::Kameo.Actors.Calls.Invocation.ReturnedNull({SourceWriter.Quote($"{method.DeclaringType.Replace("global::", string.Empty)}.{method.Name}")})";

    private static string Scope(string method) => $"using global::Kameo.Actors.Payloads.PayloadScope scope = {method}();";

    private static void Each(SourceWriter writer, string method, ParameterModel[] arguments, string? first, Func<ParameterModel, string> line)
    {
        writer.Open($"public override void {method}()");
        if (first is not null && arguments.Length != 0)
        {
            writer.Line(first);
        }

        foreach (ParameterModel argument in arguments)
        {
            writer.Line(line(argument));
        }

        writer.Close();
    }
}
