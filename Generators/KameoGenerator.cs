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
        IncrementalValuesProvider<FormModel> declared = Find(
            context,
            static node => node is InterfaceDeclarationSyntax { BaseList: not null },
            static (found, cancellation) =>
                found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is INamedTypeSymbol { IsGenericType: false } type && WellKnown.IsReferable(type) && IsFirstPart(type, found.Node)
                    ? FormParser.Parse(type, found.SemanticModel.Compilation, cancellation)
                    : null);

        IncrementalValuesProvider<FormModel> hosted = Find(
            context,
            static node => node is ClassDeclarationSyntax { BaseList: not null },
            static (found, cancellation) =>
                found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is INamedTypeSymbol { IsAbstract: false } type && WellKnown.IsActorClass(type) && IsFirstPart(type, found.Node)
                    ? ReadClass(type, found.SemanticModel.Compilation, cancellation)
                    : null);

        IncrementalValuesProvider<FormModel> used = Find(
            context,
            static node => node is GenericNameSyntax { TypeArgumentList.Arguments.Count: 1, Identifier.ValueText: "Get" or "GetGrain" or "AsReference" or "CreateObserverReference" or "Topic" },
            static (found, cancellation) =>
            {
                TypeSyntax argument = ((GenericNameSyntax)found.Node).TypeArgumentList.Arguments[0];
                return FormParser.OfUse(argument, found.SemanticModel.GetTypeInfo(argument, cancellation).Type, found.SemanticModel.Compilation, cancellation);
            });

        IncrementalValuesProvider<FormModel> named = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "Kameo.Actors.ActorFormAttribute",
                static (_, _) => true,
                static (found, cancellation) => new EquatableArray<FormModel>(found.Attributes.Select(attribute => FormParser.OfAttribute(attribute, found.SemanticModel.Compilation, cancellation))))
            .SelectMany(static (all, _) => all);

        IncrementalValuesProvider<FormModel> others = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ContractsParser.Attribute,
                static (_, _) => true,
                static (found, cancellation) => new EquatableArray<FormModel>(found.Attributes.SelectMany(attribute => ContractsParser.Parse(attribute, found.SemanticModel.Compilation, cancellation))))
            .SelectMany(static (all, _) => all);

        IncrementalValueProvider<FormModel> referenced = context.CompilationProvider.Select(FormParser.OfReferences);
        IncrementalValueProvider<ImmutableArray<FormModel>> forms = declared.Collect().Combine(hosted.Collect()).Combine(used.Collect()).Combine(named.Collect()).Combine(others.Collect()).Combine(referenced)
            .Select(static (all, _) => all.Left.Left.Left.Left.Left.AddRange(all.Left.Left.Left.Left.Right).AddRange(all.Left.Left.Left.Right).AddRange(all.Left.Left.Right).AddRange(all.Left.Right).Add(all.Right));

        // One form is used in many places.
        IncrementalValuesProvider<Parsed<InterfaceModel>> interfaces = forms
            .SelectMany(static (all, _) => all.SelectMany(static form => form.Interfaces).Where(static parsed => parsed.Model is not null).GroupBy(static parsed => parsed.Model!.WireName).Select(static same => same.First()))
            .WithTrackingName(Steps.Interfaces);
        IncrementalValuesProvider<ClassModel> classes = forms
            .SelectMany(static (all, _) => all.SelectMany(static form => form.Classes).Select(static parsed => parsed.Model).OfType<ClassModel>().GroupBy(static model => model.Type).Select(static same => same.First()))
            .WithTrackingName(Steps.Classes);
        IncrementalValuesProvider<DiagnosticModel> diagnostics = forms.SelectMany(static (all, _) => all.SelectMany(static form => form.AllDiagnostics).Distinct());
        IncrementalValueProvider<EquatableArray<string>> known = forms
            .Select(static (all, _) => new EquatableArray<string>(all.SelectMany(static form => form.Known).Distinct().OrderBy(static name => name, StringComparer.Ordinal)));

        IncrementalValuesProvider<Named<InterfaceModel>> files = interfaces
            .Select(static (parsed, _) => parsed.Model!)
            .Collect()
            .SelectMany(static (all, _) => HintNames.Assign(all, static model => model.Room));

        IncrementalValueProvider<ImmutableArray<Parsed<ExceptionModel>>> ownExceptions = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "Kameo.Actors.TravelsAttribute",
                static (_, _) => true,
                static (found, _) => ExceptionParser.Parse((INamedTypeSymbol)found.TargetSymbol, found.SemanticModel.Compilation))
            .Collect();
        IncrementalValueProvider<ImmutableArray<Parsed<ExceptionModel>>> othersExceptions = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                ContractsParser.Attribute,
                static (_, _) => true,
                static (found, cancellation) => new EquatableArray<Parsed<ExceptionModel>>(found.Attributes.SelectMany(attribute => ContractsParser.ParseExceptions(attribute, found.SemanticModel.Compilation, cancellation))))
            .SelectMany(static (all, _) => all)
            .Collect();
        IncrementalValuesProvider<Parsed<ExceptionModel>> exceptions = ownExceptions.Combine(othersExceptions).SelectMany(static (all, _) => all.Left.AddRange(all.Right).Distinct());

        // Several interfaces use one type: its formatter is written once.
        IncrementalValuesProvider<Named<ShapeModel>> shapes = interfaces
            .SelectMany(static (parsed, _) => parsed.Shapes)
            .Collect()
            .Combine(exceptions.SelectMany(static (parsed, _) => parsed.Shapes).Collect())
            .Select(static (all, _) => all.Left.AddRange(all.Right))
            .SelectMany(static (all, _) => HintNames.Assign(all.GroupBy(static shape => shape.FormatterName).Select(static group => group.First()), static shape => shape.FormatterName))
            .WithTrackingName(Steps.Shapes);

        IncrementalValueProvider<CompilationModel> compilation = context.CompilationProvider
            .Select(CompilationParser.Parse)
            .WithTrackingName(Steps.Facts);
        IncrementalValueProvider<string?> target = compilation.Select(static (model, _) => model.Target);

        IncrementalValuesProvider<DiagnosticModel> otherContexts = Find(
            context,
            static node => node is IdentifierNameSyntax { Identifier.ValueText: "RequestContext" },
            static (found, cancellation) =>
                found.SemanticModel.GetSymbolInfo(found.Node, cancellation).Symbol is INamedTypeSymbol type && WellKnown.FullName(type) == "Orleans.Runtime.RequestContext"
                    ? DiagnosticModel.Of(DiagnosticDescriptors.OtherRequestContext, found.Node)
                    : null);

        IncrementalValuesProvider<DiagnosticModel> otherGrains = Find(
            context,
            static node => node is ClassDeclarationSyntax { BaseList: not null },
            static (found, cancellation) =>
                found.SemanticModel.GetDeclaredSymbol(found.Node, cancellation) is INamedTypeSymbol { IsAbstract: false } type && WellKnown.IsGrain(type) && type.AllInterfaces.Any(WellKnown.IsActorInterface) && IsFirstPart(type, found.Node)
                    ? DiagnosticModel.Of(DiagnosticDescriptors.OtherGrain, type, [type.Name])
                    : null);

        context.RegisterSourceOutput(exceptions.SelectMany(static (parsed, _) => parsed.Diagnostics).Combine(target), static (output, pair) => Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(diagnostics.Combine(target), static (output, pair) => Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(otherContexts.Combine(target), static (output, pair) => Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(otherGrains.Combine(target), static (output, pair) => Report(output, pair.Left, pair.Right));
        context.RegisterSourceOutput(files.Combine(target), static (output, pair) => Write(output, pair.Left.File, pair.Right, assembly => InterfaceEmitter.Emit(pair.Left.Model, assembly)));
        context.RegisterSourceOutput(shapes.Combine(target), static (output, pair) => Write(output, pair.Left.File, pair.Right, assembly => FormatterEmitter.Emit(pair.Left.Model, assembly)));
        context.RegisterSourceOutput(
            interfaces.Select(static (parsed, _) => new RegisteredInterface(parsed.Model!.WireName, parsed.Model.Room)).Collect().Combine(classes.Collect())
                .Combine(exceptions.Select(static (parsed, _) => parsed.Model).Where(static model => model is not null).Select(static (model, _) => model!).Collect()).Combine(known).Combine(compilation),
            static (output, all) => Register(output, all.Left.Left.Left.Left, all.Left.Left.Left.Right, all.Left.Left.Right, all.Left.Right, all.Right));
    }

    private static IncrementalValuesProvider<T> Find<T>(
        IncrementalGeneratorInitializationContext context, Func<SyntaxNode, bool> isCandidate, Func<GeneratorSyntaxContext, CancellationToken, T?> read)
        where T : class =>
        context.SyntaxProvider
            .CreateSyntaxProvider((node, _) => isCandidate(node), read)
            .Where(static found => found is not null)
            .Select(static (found, _) => found!);

    /// <summary>A class, or of a generic one what other projects must know to close it.</summary>
    private static FormModel? ReadClass(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellation) =>
        !type.IsGenericType ? FormParser.Parse(type, compilation, cancellation)
        : WellKnown.IsNameable(type, compilation) && type.ContainingType is not { IsGenericType: true } ? FormModel.ToKnow(type.ConstructUnboundGenericType().ToDisplayString(WellKnown.Qualified))
        : null;

    /// <summary>A partial type is read once, at its first part.</summary>
    private static bool IsFirstPart(INamedTypeSymbol type, SyntaxNode node) =>
        type.DeclaringSyntaxReferences.First(static part => part.GetSyntax() is TypeDeclarationSyntax { BaseList: not null }) is { } first
        && first.SyntaxTree == node.SyntaxTree && first.Span == node.Span;

    private static void Report(SourceProductionContext output, DiagnosticModel diagnostic, string? target)
    {
        if (target is not null)
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
        SourceProductionContext output, ImmutableArray<RegisteredInterface> interfaces, ImmutableArray<ClassModel> classes, ImmutableArray<ExceptionModel> exceptions, EquatableArray<string> known, CompilationModel compilation)
    {
        if (!compilation.HasRuntime)
        {
            if (interfaces.Length + classes.Length != 0)
            {
                output.ReportDiagnostic(Diagnostic.Create(DiagnosticDescriptors.NoRuntime, null));
            }
        }
        else if (interfaces.Length + classes.Length + exceptions.Length + known.Count != 0 || (compilation.IsEntry && compilation.Registrations.Count != 0))
        {
            output.AddSource("ActorRegistration.g.cs", RegistrationEmitter.Emit(interfaces, classes, exceptions, known, compilation));
        }
    }
}
