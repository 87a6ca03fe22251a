using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>What generation knows of the compilation as a whole.</summary>
internal static class CompilationParser
{
    private const string Registration = "Kameo.Actors.Catalog.ActorRegistrationAttribute";

    /// <summary>Reads it.</summary>
    public static CompilationModel Parse(Compilation compilation, CancellationToken cancellation)
    {
        bool isExecutable = compilation.Options.OutputKind is OutputKind.ConsoleApplication or OutputKind.WindowsApplication or OutputKind.WindowsRuntimeApplication;
        bool isTest = compilation.ReferencedAssemblyNames.Any(static name => name.Name is "xunit.core" or "nunit.framework" or "Microsoft.VisualStudio.TestPlatform.TestFramework");
        var registrations = new List<string>();
        foreach (IAssemblySymbol assembly in compilation.SourceModule.ReferencedAssemblySymbols)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (AttributeData attribute in assembly.GetAttributes())
            {
                if (attribute.AttributeClass is { } found && WellKnown.FullName(found) == Registration && attribute.ConstructorArguments is [{ Value: ITypeSymbol type }])
                {
                    registrations.Add(type.ToDisplayString(WellKnown.Qualified));
                }
            }
        }

        return new CompilationModel(
            Naming.Unique(compilation.AssemblyName ?? string.Empty),
            isExecutable || isTest,
            compilation.GetTypeByMetadataName("Kameo.Actors.Calls.ActorCall") is not null,
            new EquatableArray<string>(registrations.OrderBy(static name => name, StringComparer.Ordinal)));
    }
}
