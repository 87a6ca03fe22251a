using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes what one actor interface needs: its calls, its reference, its description, and its tells.</summary>
internal static class InterfaceEmitter
{
    private const string Calls = "global::Kameo.Actors.Calls";
    private const string Catalog = "global::Kameo.Actors.Catalog";
    private const string Hidden = "[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]";

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
            CallEmitter.Emit(writer, method);
        }

        writer.Close().Line();
        if (model.Namespace.Length == 0)
        {
            Tells(writer, model, room);
        }
        else
        {
            writer.Open($"namespace {model.Namespace}");
            Tells(writer, model, room);
            writer.Close();
        }

        return writer.ToString();
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
            writer.Line(
                $"public static readonly {Calls}.ActorMethod {method.UniqueName}Method = new(\"{method.Name}\", 0x{method.Id:x8}u, {method.Options}, static () => {Calls}.CallPool<{CallName(method)}>.Rent(){timeout});");
        }

        writer.Line();
        string methods = string.Concat(model.Methods.Select(static method => $", {method.UniqueName}Method"));
        writer.Line(
            $"public static readonly {Catalog}.ActorInterface Interface = new(typeof({model.TypeName}), \"{model.WireName}\", 0x{model.SchemaHash:x16}ul, global::Kameo.Actors.ActorKeyKind.{model.KeyKind}, static seed => new Reference(seed){methods});");
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
            Fill(writer, method);
            string cancellation = method.Parameters.FirstOrDefault(static parameter => parameter.IsCancellation) is { } token ? $", {token.Name}" : string.Empty;
            string asTask = method.Return is ReturnKind.Task or ReturnKind.TaskOfResult ? ".AsTask()" : string.Empty;
            writer.Line($"return {(method.IsOneWay ? "Tell" : "Ask")}(call{cancellation}){asTask};");
            writer.Close();
        }

        writer.Close();
    }

    private static void Fill(SourceWriter writer, MethodModel method, string room = "")
    {
        string call = room.Length == 0 ? CallName(method) : $"global::{room}.{CallName(method)}";
        writer.Line($"{call} call = {Calls}.CallPool<{call}>.Rent();");
        foreach (ParameterModel argument in method.Arguments)
        {
            writer.Line($"call.{argument.Field} = {argument.Name};");
        }
    }

    private static void Tells(SourceWriter writer, InterfaceModel model, string room)
    {
        writer.Line($"/// <summary>Tells for <see cref=\"{model.TypeName}\"/>: sent, not answered.</summary>");
        writer.Open($"{model.Accessibility} readonly struct {model.Name}Tell");
        writer.Line($"private readonly {model.TypeName} _actor;").Line();
        writer.Line($"internal {model.Name}Tell({model.TypeName} actor) => _actor = actor;");
        foreach (MethodModel method in model.Methods)
        {
            string parameters = string.Join(", ", method.Parameters.Select(static parameter => $"{parameter.DeclaredType} {parameter.Name}{(parameter.IsCancellation ? " = default" : string.Empty)}"));
            string arguments = string.Join(", ", method.Parameters.Select(static parameter => parameter.Name));
            writer.Line();
            writer.Line($"/// <summary>Sends <see cref=\"{model.TypeName}.{method.Identifier}\"/>; completes when the ring or the mailbox has it.</summary>");
            writer.Open($"public global::System.Threading.Tasks.ValueTask {method.Identifier}({parameters})");
            writer.Open($"if (_actor is not {Calls}.ActorReference reference)");
            writer.Line($"return {Calls}.Tells.Drop((({method.DeclaringType})_actor).{method.Identifier}({arguments}));");
            writer.Close().Line();
            Fill(writer, method, room);
            string cancellation = method.Parameters.FirstOrDefault(static parameter => parameter.IsCancellation) is { } token ? $", {token.Name}" : string.Empty;
            writer.Line($"return {Calls}.Tells.Send(reference, call{cancellation});");
            writer.Close();
        }

        writer.Close().Line();
        writer.Line(Hidden);
        writer.Open($"{model.Accessibility} static class {model.Name}Tells");
        writer.Line("/// <summary>The actor's methods as tells: each completes when its call has been sent, and nobody waits for the result.</summary>");
        writer.Line($"public static {model.Name}Tell Tell(this {model.TypeName} actor) => new(actor ?? throw new global::System.ArgumentNullException(nameof(actor)));");
        writer.Close();
    }
}
