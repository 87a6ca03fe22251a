using System.Collections.Immutable;
using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Emitting;
using Kameo.Actors.Generators.Models;
using Kameo.Actors.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kameo.Actors.Generators;

/// <summary>Writes the proxies, calls, formatters and the registration of the actor interfaces and classes of a compilation.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class KameoGenerator : IIncrementalGenerator
{
    /// <summary>The steps that tests look at.</summary>
    internal static class Steps
    {
        public const string Interfaces = nameof(Interfaces);
        public const string Classes = nameof(Classes);
        public const string Shapes = nameof(Shapes);
        public const string Facts = nameof(Facts);
    }

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<Parsed<InterfaceModel>> interfaces = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is InterfaceDeclarationSyntax { BaseList: not null },
                static (found, cancellation) =>
                    found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is INamedTypeSymbol type && WellKnown.IsActorInterface(type) && IsFirstPart(type, found.Node)
                        ? InterfaceParser.Parse(type, found.SemanticModel.Compilation, cancellation)
                        : null)
            .Where(static parsed => parsed is not null)
            .Select(static (parsed, _) => parsed!)
            .WithTrackingName(Steps.Interfaces);

        IncrementalValuesProvider<Parsed<ClassModel>> classes = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
                static (found, cancellation) =>
                    found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is INamedTypeSymbol { IsAbstract: false } type && WellKnown.IsActorClass(type) && IsFirstPart(type, found.Node)
                        ? ClassParser.Parse(type, found.SemanticModel.Compilation)
                        : null)
            .Where(static parsed => parsed is not null)
            .Select(static (parsed, _) => parsed!)
            .WithTrackingName(Steps.Classes);

        IncrementalValuesProvider<Named<InterfaceModel>> files = interfaces
            .Where(static parsed => parsed.Model is not null)
            .Select(static (parsed, _) => parsed.Model!)
            .Collect()
            .SelectMany(static (all, _) => HintNames.Assign(all, static model => model.Room));

        // Several interfaces use one type: its formatter is written once.
        IncrementalValuesProvider<Named<ShapeModel>> shapes = interfaces
            .SelectMany(static (parsed, _) => parsed.Shapes)
            .Collect()
            .SelectMany(static (all, _) => HintNames.Assign(all.GroupBy(static shape => shape.FormatterName).Select(static group => group.First()), static shape => shape.FormatterName))
            .WithTrackingName(Steps.Shapes);

        IncrementalValueProvider<CompilationModel> compilation = context.CompilationProvider
            .Select(CompilationParser.Parse)
            .WithTrackingName(Steps.Facts);
        IncrementalValueProvider<string?> target = compilation.Select(static (model, _) => model.Target);

        IncrementalValuesProvider<DiagnosticModel> otherContexts = context.SyntaxProvider
            .CreateSyntaxProvider(
                static (node, _) => node is IdentifierNameSyntax { Identifier.ValueText: "RequestContext" },
                static (found, cancellation) =>
                    found.SemanticModel.GetSymbolInfo(found.Node, cancellation).Symbol is INamedTypeSymbol type && WellKnown.FullName(type) == "Orleans.Runtime.RequestContext"
                        ? DiagnosticModel.Of(DiagnosticDescriptors.OtherRequestContext, found.Node)
                        : null)
            .Where(static diagnostic => diagnostic is not null)
            .Select(static (diagnostic, _) => diagnostic!);

        context.RegisterSourceOutput(otherContexts.Combine(target), static (output, pair) => Report(output, new EquatableArray<DiagnosticModel>([pair.Left]), pair.Right));
        context.RegisterSourceOutput(interfaces.Combine(target), static (output, pair) => Report(output, pair.Left.Diagnostics, pair.Right));
        context.RegisterSourceOutput(classes.Combine(target), static (output, pair) => Report(output, pair.Left.Diagnostics, pair.Right));
        context.RegisterSourceOutput(files.Combine(target), static (output, pair) => Write(output, pair.Left.File, pair.Right, assembly => InterfaceEmitter.Emit(pair.Left.Model, assembly)));
        context.RegisterSourceOutput(shapes.Combine(target), static (output, pair) => Write(output, pair.Left.File, pair.Right, assembly => FormatterEmitter.Emit(pair.Left.Model, assembly)));
        context.RegisterSourceOutput(
            interfaces.Select(static (parsed, _) => parsed.Model is { } model ? new RegisteredInterface(model.WireName, model.Room) : null).Collect()
                .Combine(classes.Select(static (parsed, _) => parsed.Model).Collect())
                .Combine(compilation),
            static (output, all) => Register(output, all.Left.Left, all.Left.Right, all.Right));
    }

    /// <summary>A partial type is read once, at its first part.</summary>
    private static bool IsFirstPart(INamedTypeSymbol type, SyntaxNode node) =>
        type.DeclaringSyntaxReferences.First(static part => part.GetSyntax() is TypeDeclarationSyntax { BaseList: not null }) is { } first
        && first.SyntaxTree == node.SyntaxTree && first.Span == node.Span;

    private static void Report(SourceProductionContext output, EquatableArray<DiagnosticModel> diagnostics, string? target)
    {
        foreach (DiagnosticModel diagnostic in target is null ? default : diagnostics)
        {
            output.ReportDiagnostic(diagnostic.ToDiagnostic());
        }
    }

    private static void Write(SourceProductionContext output, string file, string? target, Func<string, string> emit)
    {
        if (target is not null)
        {
            output.AddSource($"{file}.g.cs", emit(target));
        }
    }

    private static void Register(
        SourceProductionContext output, ImmutableArray<RegisteredInterface?> interfaces, ImmutableArray<ClassModel?> classes, CompilationModel compilation)
    {
        if (!compilation.HasRuntime)
        {
            if (interfaces.Length + classes.Length != 0)
            {
                output.ReportDiagnostic(Diagnostic.Create(DiagnosticDescriptors.NoRuntime, null));
            }

            return;
        }

        RegisteredInterface[] known = [.. interfaces.OfType<RegisteredInterface>()];
        ClassModel[] hosted = [.. classes.OfType<ClassModel>()];
        if (known.Length != 0 || hosted.Length != 0 || (compilation.IsEntry && compilation.Registrations.Count != 0))
        {
            output.AddSource("ActorRegistration.g.cs", RegistrationEmitter.Emit(known, hosted, compilation));
        }
    }
}
