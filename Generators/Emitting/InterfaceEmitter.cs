using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes what one actor interface needs: its calls, its reference, its description, and its tells.</summary>
internal static class InterfaceEmitter
{
    private const string Calls = "global::Kameo.Actors.Calls";
    private const string Catalog = "global::Kameo.Actors.Catalog";

    /// <summary>Writes the file.</summary>
    public static string Emit(InterfaceModel model, string assembly)
    {
        var writer = new SourceWriter();
        string room = $"Kameo.Actors.Generated.{assembly}.{model.Room}";
        writer.Open($"namespace {room}");
        Describe(writer, model);
        Refer(writer, model);
        foreach (MethodModel method in model.Methods)
        {
            writer.Line();
            CallEmitter.Emit(writer, model, method);
            if (InlineEmitter.Applies(model, method))
            {
                InlineEmitter.Emit(writer.Line(), method);
            }
        }

        writer.Close();
        if (model.HasTells)
        {
            Tell(writer.Line(), model, room);
        }

        return writer.ToString();
    }

    private static void Tell(SourceWriter writer, InterfaceModel model, string room)
    {
        if (model.Namespace.Length == 0)
        {
            TellEmitter.Emit(writer, model, room);
            return;
        }

        writer.Open($"namespace {model.Namespace}");
        TellEmitter.Emit(writer, model, room);
        writer.Close();
    }

    /// <summary>The name of a method's call class.</summary>
    public static string CallName(MethodModel method) => method.UniqueName + "Call";

    private static void Describe(SourceWriter writer, InterfaceModel model)
    {
        writer.Line("/// <summary>The interface as the runtime knows it.</summary>");
        writer.Open("internal static class Description");
        foreach (MethodModel method in model.Methods)
        {
            string timeout = method.AskTimeoutTicks is { } ticks ? $", new global::System.TimeSpan({ticks.ToString(CultureInfo.InvariantCulture)}L)" : string.Empty;
            string inbound = InlineEmitter.Applies(model, method) ? $", inbound: {InlineEmitter.Inbound(model, method)}" : string.Empty;
            writer.Line(
                $"public static readonly {Calls}.ActorMethod {method.UniqueName}Method = new(\"{method.Name}\", 0x{method.Id:x8}u, {method.Options}, static () => {Calls}.CallPool<{CallName(method)}>.Rent(){timeout}{inbound});");
        }

        writer.Line();
        string methods = string.Concat(model.Methods.Select(static method => $", {method.UniqueName}Method"));
        writer.Line(
            $"public static readonly {Catalog}.ActorInterface Interface = new(typeof({model.TypeName}), {SourceWriter.Quote(model.WireName)}, 0x{model.SchemaHash:x16}ul, global::Kameo.Actors.ActorKeyKind.{model.KeyKind}, static seed => new Reference(seed){methods});");
        writer.Close().Line();
    }

    private static void Refer(SourceWriter writer, InterfaceModel model)
    {
        writer.Line("/// <summary>What calls through the interface go to.</summary>");
        writer.Open($"internal sealed class Reference({Calls}.ActorReferenceSeed seed) : {Calls}.ActorReference(seed), {model.TypeName}");
        bool isFirst = true;
        foreach (MethodModel method in model.Methods)
        {
            if (!isFirst)
            {
                writer.Line();
            }

            isFirst = false;
            string parameters = string.Join(", ", method.Parameters.Select(static parameter => $"{parameter.DeclaredType} {parameter.Name}"));
            writer.Open($"{method.ReturnType} {method.DeclaringType}.{method.Identifier}({parameters})");
            if (method.Return == ReturnKind.Items)
            {
                AskForItems(writer, method);
                continue;
            }

            string asTask = method.Return is ReturnKind.Task or ReturnKind.TaskOfResult ? ".AsTask()" : string.Empty;
            if (InlineEmitter.Applies(model, method))
            {
                writer.Line($"return {InlineEmitter.Call(method)}{asTask};").Close();
                continue;
            }

            string call = Fill(writer, method, CallName(method));
            writer.Line(method.Return == ReturnKind.Void ? $"this.Post({call}{Token(method)});" : $"return this.{(method.IsOneWay ? "Tell" : "Ask")}({call}{Token(method)}){asTask};");
            writer.Close();
        }

        writer.Close();
    }

    /// <summary>Asked when they are enumerated, and each time.</summary>
    private static void AskForItems(SourceWriter writer, MethodModel method)
    {
        string token = Local("token", method);
        writer.Open($"return global::Kameo.Actors.Items.ActorItems.Asked({token} =>");
        string call = Fill(writer, method, CallName(method));
        writer.Line($"return this.Ask({call}, {token});").Close($"}}{Token(method)});").Close();
    }

    /// <summary>Writes how a call is taken from its pool and filled.</summary>
    /// <returns>The name of the local that holds it.</returns>
    public static string Fill(SourceWriter writer, MethodModel method, string type)
    {
        string call = Local("call", method);
        writer.Line($"{type} {call} = {Calls}.CallPool<{type}>.Rent();");
        foreach (ParameterModel argument in method.Arguments)
        {
            writer.Line($"{call}.{argument.Field} = {argument.Name};");
        }

        return call;
    }

    /// <summary>A name that no parameter has.</summary>
    public static string Local(string name, MethodModel method) => Parsing.Naming.Free(name, method.Parameters.Select(static parameter => parameter.Name));

    /// <summary>The cancellation token as a further argument, if there is one.</summary>
    public static string Token(MethodModel method) => method.Parameters.FirstOrDefault(static parameter => parameter.IsCancellation) is { } token ? $", {token.Name}" : string.Empty;
}
