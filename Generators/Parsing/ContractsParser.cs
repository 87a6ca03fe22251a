using System.Globalization;
using System.Runtime.CompilerServices;
using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Reads the actor types of an assembly that is not compiled with the generator, and that a project names by <c>[ActorContracts]</c>.</summary>
internal static class ContractsParser
{
    /// <summary>The attribute.</summary>
    public const string Attribute = "Kameo.Actors.ActorContractsAttribute";

    private static readonly ConditionalWeakTable<Compilation, HashSet<ISymbol>> s_named = new();

    /// <summary>Whether somebody generates what an assembly needs: the compilation, or an assembly that it references.</summary>
    public static bool IsNamed(IAssemblySymbol assembly, Compilation compilation) => s_named.GetValue(compilation, AllNamed).Contains(assembly);

    /// <summary>The generic actor classes of the assemblies that the compilation names.</summary>
    public static IEnumerable<INamedTypeSymbol> GenericClassesOf(Compilation compilation) =>
        NamedBy(compilation.Assembly).Where(assembly => Refusal(assembly, compilation) is null).SelectMany(assembly => TypesOf(assembly, compilation)).Where(IsOpenClass);

    /// <summary>The actor interfaces and classes of the assembly that an attribute names, each with what it leads to.</summary>
    public static IEnumerable<FormModel> Parse(AttributeData attribute, Compilation compilation, CancellationToken cancellation)
    {
        LocationModel place = LocationModel.Of(attribute.ApplicationSyntaxReference!.GetSyntax(cancellation).GetLocation());
        if (AssemblyOf(attribute) is not { } assembly)
        {
            bool isSaid = attribute.ConstructorArguments is not [{ Value: not IErrorTypeSymbol }]; // By the compiler.
            return isSaid ? [] : [Refuse("what [ActorContracts] names", "it is no class, structure or interface", place)];
        }

        string name = $"the assembly '{assembly.Name}'";
        if (Refusal(assembly, compilation) is { } refusal)
        {
            return [Refuse(name, refusal, place)];
        }

        INamedTypeSymbol[] types = [.. TypesOf(assembly, compilation)];
        FormModel[] forms =
        [
            .. types.Where(static type => !type.IsGenericType && (WellKnown.IsReferable(type) || IsClass(type))).Select(type => At(FormParser.Parse(type, compilation, cancellation), type, place)),
            .. types.Where(IsOpenClass).Select(static type => FormModel.ToKnow(type.ConstructUnboundGenericType().ToDisplayString(WellKnown.Qualified))),
        ];
        return forms.Length != 0 || types.Any(static type => WellKnown.IsReferable(type) || IsTravelling(type)) ? forms : [Refuse(name, "it has no actor types that this project sees", place)];
    }

    /// <summary>The exceptions of that assembly that travel.</summary>
    public static IEnumerable<Parsed<ExceptionModel>> ParseExceptions(AttributeData attribute, Compilation compilation, CancellationToken cancellation)
    {
        if (AssemblyOf(attribute) is not { } assembly || Refusal(assembly, compilation) is not null)
        {
            return [];
        }

        LocationModel place = LocationModel.Of(attribute.ApplicationSyntaxReference!.GetSyntax(cancellation).GetLocation());
        return TypesOf(assembly, compilation).Where(IsTravelling).Select(type => At(ExceptionParser.Parse(type, compilation), type, place));
    }

    /// <summary>Why nothing of an assembly is generated here; null: it is.</summary>
    private static string? Refusal(IAssemblySymbol assembly, Compilation compilation) =>
        SymbolEqualityComparer.Default.Equals(assembly, compilation.Assembly) ? "it is this one"
        : CompilationParser.RegistrationsOf(assembly).Any() ? "it is compiled with the generator itself"
        : null;

    private static HashSet<ISymbol> AllNamed(Compilation compilation) =>
        new(compilation.SourceModule.ReferencedAssemblySymbols.Append(compilation.Assembly).SelectMany(NamedBy), SymbolEqualityComparer.Default);

    private static IEnumerable<IAssemblySymbol> NamedBy(IAssemblySymbol assembly) =>
        assembly.GetAttributes().Where(static attribute => attribute.AttributeClass is { Name: "ActorContractsAttribute" } found && WellKnown.FullName(found) == Attribute).Select(AssemblyOf).OfType<IAssemblySymbol>();

    private static IAssemblySymbol? AssemblyOf(AttributeData attribute) => attribute.ConstructorArguments is [{ Value: INamedTypeSymbol type }] ? type.ContainingAssembly : null;

    private static IEnumerable<INamedTypeSymbol> TypesOf(IAssemblySymbol assembly, Compilation compilation) => GenericTypes.TypesOf(assembly.GlobalNamespace).Where(type => WellKnown.IsNameable(type, compilation));

    private static bool IsClass(INamedTypeSymbol type) => type is { TypeKind: TypeKind.Class, IsAbstract: false } && WellKnown.IsActorClass(type);

    private static bool IsOpenClass(INamedTypeSymbol type) => type.Arity > 0 && IsClass(type) && type.ContainingType is not { IsGenericType: true };

    private static bool IsTravelling(INamedTypeSymbol type) => WellKnown.Attribute(type, "Kameo.Actors.TravelsAttribute") is not null;

    private static FormModel At(FormModel form, INamedTypeSymbol type, LocationModel place) => form with
    {
        Interfaces = new EquatableArray<Parsed<InterfaceModel>>(form.Interfaces.Select(parsed => At(parsed, type, place))),
        Classes = new EquatableArray<Parsed<ClassModel>>(form.Classes.Select(parsed => At(parsed, type, place))),
    };

    /// <summary>What is wrong in the other assembly is said at the attribute, and ends no build: who names the assembly may not be who can change it.</summary>
    private static Parsed<T> At<T>(Parsed<T> parsed, INamedTypeSymbol type, LocationModel place)
        where T : class, IEquatable<T> => parsed with
        {
            Diagnostics = new EquatableArray<DiagnosticModel>(parsed.Diagnostics.Select(diagnostic =>
                parsed.Model is null ? Refuse(type, diagnostic, place) : diagnostic with { Location = place })),
        };

    private static DiagnosticModel Refuse(INamedTypeSymbol type, DiagnosticModel diagnostic, LocationModel place)
    {
        string message = string.Format(CultureInfo.InvariantCulture, DiagnosticDescriptors.ById[diagnostic.Id].MessageFormat.ToString(CultureInfo.InvariantCulture), [.. diagnostic.Arguments]);
        return new DiagnosticModel(DiagnosticDescriptors.NoContracts.Id, place, new EquatableArray<string>([$"'{type.ToDisplayString()}'", $"{diagnostic.Id}: {message}"]));
    }

    private static FormModel Refuse(string what, string why, LocationModel place) =>
        FormModel.Wrong(new DiagnosticModel(DiagnosticDescriptors.NoContracts.Id, place, new EquatableArray<string>([what, why])));
}
