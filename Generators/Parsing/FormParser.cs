using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Follows an actor type to everything that must be generated with it: forms of generic interfaces that its methods or its class name, and generic classes that a form closes.</summary>
internal sealed class FormParser
{
    /// <summary>Forms followed from one use: an interface that names itself with arguments that grow never ends.</summary>
    private const int FormsMax = 64;

    private static readonly ConditionalWeakTable<Compilation, ConcurrentDictionary<ISymbol, FormModel>> s_known = new();

    private readonly Compilation _compilation;
    private readonly CancellationToken _cancellation;
    private readonly Queue<INamedTypeSymbol> _interfacesLeft = new();
    private readonly HashSet<ISymbol> _met = new(SymbolEqualityComparer.Default);
    private readonly List<Parsed<InterfaceModel>> _interfaces = [];
    private readonly List<Parsed<ClassModel>> _classes = [];
    private readonly List<string> _names = [];

    private FormParser(Compilation compilation, CancellationToken cancellation)
    {
        _compilation = compilation;
        _cancellation = cancellation;
    }

    /// <summary>Reads an actor interface or class without type parameters, and what it leads to. A form that is used in many places is read once.</summary>
    public static FormModel Parse(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellation) =>
        !type.IsGenericType
            ? new FormParser(compilation, cancellation).Follow(type)
            : s_known.GetOrCreateValue(compilation).GetOrAdd(type, _ => new FormParser(compilation, cancellation).Follow(type));

    /// <summary>What a use of a type leads to: null unless it is a closed form of a generic actor interface, or an interface that nobody can call by.</summary>
    public static FormModel? OfUse(TypeSyntax place, ITypeSymbol? type, Compilation compilation, CancellationToken cancellation) =>
        type is INamedTypeSymbol { IsGenericType: false } other && CompilationParser.IsNotGenerated(other, compilation)
            ? FormModel.Wrong(DiagnosticModel.Of(DiagnosticDescriptors.NotGenerated, place, other.ToDisplayString(), other.ContainingAssembly.Name))
        : type is INamedTypeSymbol { IsGenericType: true } form && WellKnown.IsReferable(form) && GenericTypes.IsClosed(form) ? Parse(form, compilation, cancellation) : null;

    /// <summary>What an attribute names.</summary>
    public static FormModel OfAttribute(AttributeData attribute, Compilation compilation, CancellationToken cancellation)
    {
        if (attribute.ConstructorArguments is [{ Value: INamedTypeSymbol { IsGenericType: true, IsUnboundGenericType: false } form }] && (WellKnown.IsReferable(form) || (WellKnown.IsActorClass(form) && !form.IsAbstract)))
        {
            return Parse(form, compilation, cancellation);
        }

        SyntaxNode place = attribute.ApplicationSyntaxReference!.GetSyntax(cancellation);
        return FormModel.Wrong(DiagnosticModel.Of(DiagnosticDescriptors.NoForm, place, attribute.ConstructorArguments is [{ Value: ITypeSymbol other }] ? other.Name : "null"));
    }

    /// <summary>The classes that forms close which referenced assemblies know.</summary>
    public static FormModel OfReferences(Compilation compilation, CancellationToken cancellation)
    {
        var parser = new FormParser(compilation, cancellation);
        foreach (INamedTypeSymbol form in GenericTypes.FormsOfReferences(compilation))
        {
            parser.Close(form);
        }

        parser.FollowAll();
        return parser.Result();
    }

    private FormModel Follow(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Interface)
        {
            MeetInterface(type);
        }
        else
        {
            MeetClass(type);
        }

        FollowAll();
        return Result();
    }

    private FormModel Result() => new(
        new EquatableArray<Parsed<InterfaceModel>>(_interfaces), new EquatableArray<Parsed<ClassModel>>(_classes), new EquatableArray<string>(_names), default);

    private void FollowAll()
    {
        while (_interfacesLeft.Count != 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            INamedTypeSymbol type = _interfacesLeft.Dequeue();
            Parsed<InterfaceModel> parsed = InterfaceParser.Parse(type, _compilation, _cancellation, out IReadOnlyList<INamedTypeSymbol> forms);
            _interfaces.Add(parsed);
            if (type.IsGenericType && parsed.Model is { } model)
            {
                _names.Add(model.TypeName);
                Close(type);
            }

            foreach (INamedTypeSymbol form in forms)
            {
                MeetInterface(form);
            }
        }
    }

    private void MeetInterface(INamedTypeSymbol type)
    {
        if (_met.Count < FormsMax && _met.Add(type))
        {
            _interfacesLeft.Enqueue(type);
        }
    }

    private void MeetClass(INamedTypeSymbol type)
    {
        if (!_met.Add(type))
        {
            return;
        }

        _classes.Add(ClassParser.Parse(type, _compilation));
        foreach (INamedTypeSymbol one in type.AllInterfaces)
        {
            if (one.IsGenericType && WellKnown.IsActorInterface(one))
            {
                MeetInterface(one);
            }
        }
    }

    private void Close(INamedTypeSymbol form)
    {
        foreach (INamedTypeSymbol open in GenericTypes.ClassesOf(_compilation))
        {
            if (GenericTypes.Close(open, form, _compilation) is { } closed && WellKnown.IsNameable(closed, _compilation))
            {
                MeetClass(closed);
            }
        }
    }
}
