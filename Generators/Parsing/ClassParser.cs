using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of an actor class to its model.</summary>
internal static class ClassParser
{
    private const string Injection = "Microsoft.Extensions.DependencyInjection.";

    /// <summary>Reads a class.</summary>
    public static Parsed<ClassModel> Parse(INamedTypeSymbol type, Compilation compilation)
    {
        if (!WellKnown.IsNameable(type, compilation))
        {
            return Refuse(DiagnosticDescriptors.NotAccessible, type);
        }

        string[] interfaces = [.. type.AllInterfaces.Where(WellKnown.IsActorInterface).Select(static one => one.ToDisplayString(WellKnown.Qualified))];
        if (interfaces.Length == 0)
        {
            return Refuse(DiagnosticDescriptors.NoInterface, type);
        }

        if (ConstructorOf(type, compilation) is not { } constructor || constructor.Parameters.Any(static parameter => parameter.RefKind is not (RefKind.None or RefKind.In)))
        {
            return Refuse(DiagnosticDescriptors.NotConstructible, type);
        }

        if (!WellKnown.SetsRequiredMembers(constructor) && RequiredMemberOf(type) is { } required)
        {
            return Refuse(DiagnosticDescriptors.RequiredMembers, type, required.Name);
        }

        Predicate? predicate = PredicateParser.Parse(type, compilation);
        if (predicate is { Method: null, Name: var missing })
        {
            return Refuse(DiagnosticDescriptors.NoPredicate, type, missing);
        }

        var model = new ClassModel(
            type.ToDisplayString(WellKnown.Qualified),
            WireNames.Of(type),
            OptionsOf(type),
            new EquatableArray<string>(constructor.Parameters.Select(Argument)),
            new EquatableArray<string>(interfaces.Concat(type.AllInterfaces.Where(WellKnown.IsObserverInterface).Select(static one => one.ToDisplayString(WellKnown.Qualified)))),
            predicate?.Method);
        return new Parsed<ClassModel>(model, default, new EquatableArray<DiagnosticModel>(NotHonoured(type).Concat(NotGenerated(type, compilation))));
    }

    private static IEnumerable<DiagnosticModel> NotGenerated(INamedTypeSymbol type, Compilation compilation) =>
        from one in type.AllInterfaces
        where CompilationParser.IsNotGenerated(one, compilation)
        select DiagnosticModel.Of(DiagnosticDescriptors.NotGenerated, type, one.ToDisplayString(), one.ContainingAssembly.Name);

    private static Parsed<ClassModel> Refuse(DiagnosticDescriptor descriptor, INamedTypeSymbol type, params string[] more) =>
        new(null, default, new EquatableArray<DiagnosticModel>([DiagnosticModel.Of(descriptor, type, [type.Name, .. more])]));

    /// <summary>The marked one, else of the public ones that with most parameters: one that is internal beside it is its tests'. Else of those.</summary>
    private static IMethodSymbol? ConstructorOf(INamedTypeSymbol type, Compilation compilation) =>
        type.InstanceConstructors
            .Where(constructor => compilation.IsSymbolAccessibleWithin(constructor, compilation.Assembly))
            .OrderByDescending(static constructor => WellKnown.Attribute(constructor, Injection + "ActivatorUtilitiesConstructorAttribute") is not null)
            .ThenByDescending(static constructor => constructor.DeclaredAccessibility == Accessibility.Public)
            .ThenByDescending(static constructor => constructor.Parameters.Length)
            .FirstOrDefault();

    private static ISymbol? RequiredMemberOf(INamedTypeSymbol type) => WellKnown.ChainOf(type).SelectMany(static at => at.GetMembers()).FirstOrDefault(WellKnown.IsRequired);

    /// <summary>A service, with a key if it is marked so. One with a default may be missing.</summary>
    private static string Argument(IParameterSymbol parameter)
    {
        string type = NameOf(parameter.Type);
        string? key = WellKnown.Attribute(parameter, Injection + "FromKeyedServicesAttribute") is { ConstructorArguments: [var constant] } ? Literals.Of(constant) : null;
        if (Literals.DefaultOf(parameter) is { } value)
        {
            string inner = NameOf(WellKnown.WithoutNullable(parameter.Type));
            string service = key is null
                ? $"services.GetService(typeof({inner}))"
                : $"(services as global::{Injection}IKeyedServiceProvider)?.GetKeyedService(typeof({inner}), {key})";
            return $"{service} is {inner} given{parameter.Ordinal} ? given{parameter.Ordinal} : {value}";
        }

        return key is null
            ? $"global::{Injection}ServiceProviderServiceExtensions.GetRequiredService<{type}>(services)"
            : $"global::{Injection}ServiceProviderKeyedServiceExtensions.GetRequiredKeyedService<{type}>(services, {key})";
    }

    /// <summary>A type as <c>typeof</c> and patterns take it, which are not for every name.</summary>
    private static string NameOf(ITypeSymbol type) => type.TypeKind == TypeKind.Dynamic
        ? "object"
        : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(WellKnown.Qualified.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.ExpandValueTuple));

    private static string OptionsOf(INamedTypeSymbol type)
    {
        const string Prefix = "global::Kameo.Actors.Catalog.ActorClassOptions.";
        string options = Prefix + "None";
        if (WellKnown.ChainOf(type).Any(static at => WellKnown.Attribute(at, "Orleans.Concurrency.ReentrantAttribute") is not null))
        {
            options += $" | {Prefix}Reentrant";
        }

        if (WellKnown.ChainOf(type).Any(static at => WellKnown.Attribute(at, "Kameo.Actors.KeepAliveAttribute", "Orleans.KeepAliveAttribute") is not null))
        {
            options += $" | {Prefix}KeepAlive";
        }

        return options;
    }

    /// <summary>Those of placement that the runtime reads by name.</summary>
    private static bool IsHonoured(string name) => name is "Orleans.Concurrency.StatelessWorkerAttribute"
        or "Orleans.Placement.HashBasedPlacementAttribute"
        or "Orleans.Placement.PreferLocalPlacementAttribute"
        or "Orleans.Placement.RandomPlacementAttribute"
        or "Orleans.Placement.ActivationCountBasedPlacementAttribute"
        or "Orleans.Placement.ResourceOptimizedPlacementAttribute";

    /// <summary>Attributes of Orleans that would change how the class runs, if the runtime knew them.</summary>
    private static IEnumerable<DiagnosticModel> NotHonoured(INamedTypeSymbol type) =>
        from at in WellKnown.ChainOf(type)
        from attribute in at.GetAttributes()
        where attribute.AttributeClass is { } found && !IsHonoured(WellKnown.FullName(found))
            && WellKnown.ChainOf(found).Any(static known => WellKnown.FullName(known) == "Orleans.Placement.PlacementAttribute")
        select attribute.AttributeClass!.Name into name
        select DiagnosticModel.Of(
            DiagnosticDescriptors.NotHonoured, type, type.Name, name.EndsWith("Attribute", StringComparison.Ordinal) ? name.Substring(0, name.Length - "Attribute".Length) : name);
}
