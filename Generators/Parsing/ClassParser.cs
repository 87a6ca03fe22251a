using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of an actor class to its model.</summary>
internal static class ClassParser
{
    private const string Services = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions";
    private const string KeyedServices = "global::Microsoft.Extensions.DependencyInjection.ServiceProviderKeyedServiceExtensions";

    /// <summary>Reads a class.</summary>
    public static Parsed<ClassModel> Parse(INamedTypeSymbol type)
    {
        if (type.IsGenericType)
        {
            return Refuse(DiagnosticDescriptors.Generic, type);
        }

        if (!WellKnown.IsNameable(type))
        {
            return Refuse(DiagnosticDescriptors.NotAccessible, type);
        }

        string[] interfaces = [.. type.AllInterfaces.Where(WellKnown.IsActorInterface).Select(static one => one.ToDisplayString(WellKnown.Qualified))];
        if (interfaces.Length == 0)
        {
            return Refuse(DiagnosticDescriptors.NoInterface, type);
        }

        if (ConstructorOf(type) is not { } constructor || constructor.Parameters.Any(static parameter => parameter.RefKind is not (RefKind.None or RefKind.In)))
        {
            return Refuse(DiagnosticDescriptors.NotConstructible, type);
        }

        var model = new ClassModel(
            type.ToDisplayString(WellKnown.Qualified),
            WellKnown.WireName(type),
            OptionsOf(type),
            new EquatableArray<string>(constructor.Parameters.Select(Argument)),
            new EquatableArray<string>(interfaces));
        return new Parsed<ClassModel>(model, default, default);
    }

    private static Parsed<ClassModel> Refuse(DiagnosticDescriptor descriptor, INamedTypeSymbol type) =>
        new(null, default, new EquatableArray<DiagnosticModel>([DiagnosticModel.Of(descriptor, type, type.Name)]));

    /// <summary>The marked one, else the one with most parameters.</summary>
    private static IMethodSymbol? ConstructorOf(INamedTypeSymbol type) =>
        type.InstanceConstructors
            .Where(static constructor => constructor.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal)
            .OrderByDescending(static constructor => WellKnown.Attribute(constructor, "Microsoft.Extensions.DependencyInjection.ActivatorUtilitiesConstructorAttribute") is not null)
            .ThenByDescending(static constructor => constructor.Parameters.Length)
            .FirstOrDefault();

    private static string Argument(IParameterSymbol parameter)
    {
        string type = parameter.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(WellKnown.Qualified);
        if (WellKnown.Attribute(parameter, "Microsoft.Extensions.DependencyInjection.FromKeyedServicesAttribute") is { ConstructorArguments: [var key] })
        {
            return $"{KeyedServices}.GetRequiredKeyedService<{type}>(services, {key.ToCSharpString()})";
        }

        if (!parameter.HasExplicitDefaultValue)
        {
            return $"{Services}.GetRequiredService<{type}>(services)";
        }

        string value = parameter.ExplicitDefaultValue is null
            ? $"default({type})"
            : $"({type}){SymbolDisplay.FormatPrimitive(parameter.ExplicitDefaultValue, quoteStrings: true, useHexadecimalNumbers: false)}";
        return $"services.GetService(typeof({type})) is {type} given{parameter.Ordinal} ? given{parameter.Ordinal} : {value}";
    }

    private static string OptionsOf(INamedTypeSymbol type)
    {
        const string Prefix = "global::Kameo.Actors.Catalog.ActorClassOptions.";
        string options = Prefix + "None";
        for (INamedTypeSymbol? at = type; at is not null; at = at.BaseType)
        {
            if (WellKnown.Attribute(at, "Orleans.Concurrency.ReentrantAttribute") is not null && !options.Contains("Reentrant"))
            {
                options += $" | {Prefix}Reentrant";
            }

            if (WellKnown.Attribute(at, "Kameo.Actors.KeepAliveAttribute", "Orleans.KeepAliveAttribute") is not null && !options.Contains("KeepAlive"))
            {
                options += $" | {Prefix}KeepAlive";
            }
        }

        return options;
    }
}
