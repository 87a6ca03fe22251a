using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the registration of an assembly, and in an executable or test project the initialiser that calls those of every referenced assembly, used or not.</summary>
internal static class RegistrationEmitter
{
    private const string Catalog = "global::Kameo.Actors.Catalog";

    /// <summary>Writes the file.</summary>
    public static string Emit(IReadOnlyList<RegisteredInterface> interfaces, IReadOnlyList<ClassModel> classes, IReadOnlyList<ExceptionModel> exceptions, IEnumerable<string> known, CompilationModel compilation)
    {
        var writer = new SourceWriter();
        string name = $"Kameo.Actors.Generated.{compilation.Assembly}";
        writer.Line($"[assembly: {Catalog}.ActorRegistration(typeof(global::{name}.ActorRegistration))]");
        foreach (string one in known)
        {
            writer.Line($"[assembly: global::Kameo.Actors.ActorForm(typeof({one}))]");
        }

        writer.Line();
        writer.Open($"namespace {name}");
        writer.Line("/// <summary>Adds the actor interfaces and classes of this assembly, and its exceptions that travel, to the catalog.</summary>");
        writer.Line("[global::System.ComponentModel.EditorBrowsable(global::System.ComponentModel.EditorBrowsableState.Never)]");
        writer.Open("public static class ActorRegistration");
        writer.Line("/// <summary>Adds them; again changes nothing.</summary>");
        writer.Open("public static void Register()");
        foreach (RegisteredInterface one in interfaces.OrderBy(static one => one.WireName, StringComparer.Ordinal))
        {
            writer.Line($"{Catalog}.ActorCatalog.Add(global::{name}.{one.Room}.Description.Interface);");
        }

        foreach (ClassModel one in classes.OrderBy(static one => one.WireName, StringComparer.Ordinal))
        {
            string types = string.Concat(one.Interfaces.Select(static type => $", typeof({type})"));
            string predicate = one.Predicate is { } method ? $" {{ MayInterleave = static request => {method}(request) }}" : string.Empty;
            writer.Line($"{Catalog}.ActorCatalog.Add(new {Catalog}.ActorClass(typeof({one.Type}), {SourceWriter.Quote(one.WireName)}, static services => new {one.Type}({string.Join(", ", one.ConstructorArguments)}), {one.Options}{types}){predicate});");
        }

        foreach (ExceptionModel one in exceptions.OrderBy(static one => one.WireName, StringComparer.Ordinal))
        {
            writer.Line($"{Catalog}.ActorCatalog.Add(new {Catalog}.ExceptionForm<{one.Type}, global::{name}.{one.FormatterName}>({SourceWriter.Quote(one.WireName)}));");
        }

        writer.Close();
        if (compilation.IsEntry)
        {
            writer.Line();
            writer.Line("[global::System.Runtime.CompilerServices.ModuleInitializer]");
            writer.Open("internal static void RegisterAll()");
            foreach (string registration in compilation.Registrations)
            {
                writer.Line($"{registration}.Register();");
            }

            writer.Line("Register();").Close();
        }

        return writer.Close().Close().ToString();
    }
}
