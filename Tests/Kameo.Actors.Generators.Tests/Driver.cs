using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Tests;

/// <summary>Runs the generator over source text, against the real runtime.</summary>
internal static class Driver
{
    public const string Usings = """
        #nullable enable
        using System;
        using System.Collections.Generic;
        using System.Threading;
        using System.Threading.Tasks;
        using Kameo.Actors;
        using Orleans;
        using Orleans.Concurrency;

        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(static path => !Path.GetFileName(path).StartsWith("xunit", StringComparison.Ordinal))
            .Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    public static CSharpCompilation Compile(string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary, string assembly = "Tested", params MetadataReference[] more) =>
        CSharpCompilation.Create(
            assembly,
            [CSharpSyntaxTree.ParseText(Usings + source, new CSharpParseOptions(LanguageVersion.Latest), path: "Source.cs")],
            [.. s_references, .. more],
            new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>Generates and gives the compilation with what was generated.</summary>
    public static Run Generate(CSharpCompilation compilation)
    {
        GeneratorDriver driver = NewDriver().RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics);
        return new Run(driver.GetRunResult(), (CSharpCompilation)output, diagnostics);
    }

    public static Run Generate(string source) => Generate(Compile(source));

    public static GeneratorDriver NewDriver() =>
        CSharpGeneratorDriver.Create(
            [new KameoGenerator().AsSourceGenerator()],
            parseOptions: new CSharpParseOptions(LanguageVersion.Latest),
            driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));
}

/// <summary>What a run gave.</summary>
internal sealed record Run(GeneratorDriverRunResult Result, CSharpCompilation Output, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Errors and warnings of the whole compilation, generated code included.</summary>
    public IEnumerable<Diagnostic> Problems => Output.GetDiagnostics().Where(static one => one.Severity >= DiagnosticSeverity.Warning);

    /// <summary>A generated file.</summary>
    public string this[string name] => Result.Results[0].GeneratedSources.Single(file => file.HintName == name).SourceText.ToString();
}
