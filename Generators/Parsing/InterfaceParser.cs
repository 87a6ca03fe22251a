using System.Globalization;
using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of an actor interface to its model.</summary>
internal sealed class InterfaceParser
{
    /// <summary>An observer's id: its own and its node's.</summary>
    private const string ObserverKey = "GuidCompound";

    private readonly INamedTypeSymbol _interface;
    private readonly Compilation _compilation;
    private readonly TypeParser _types;
    private readonly List<DiagnosticModel> _diagnostics = [];
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    private InterfaceParser(INamedTypeSymbol @interface, Compilation compilation)
    {
        _interface = @interface;
        _compilation = compilation;
        _types = new TypeParser(compilation, Naming.Unique(compilation.AssemblyName ?? string.Empty));
    }

    /// <summary>Reads an interface without open type parameters.</summary>
    /// <param name="interface">The interface.</param>
    /// <param name="compilation">Where it is known.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="forms">Closed forms of generic actor interfaces that its methods refer to.</param>
    public static Parsed<InterfaceModel> Parse(INamedTypeSymbol @interface, Compilation compilation, CancellationToken cancellation, out IReadOnlyList<INamedTypeSymbol> forms)
    {
        var parser = new InterfaceParser(@interface, compilation);
        InterfaceModel? model = parser.Read(cancellation);
        forms = parser._types.Forms;

        // A type that was refused leaves the formatters of those around it without one to call: then none is written.
        bool isWhole = !parser._diagnostics.Exists(static diagnostic => diagnostic.IsError);
        return new Parsed<InterfaceModel>(
            isWhole ? model : null, isWhole ? new EquatableArray<ShapeModel>(parser._types.Shapes) : default, new EquatableArray<DiagnosticModel>(parser._diagnostics));
    }

    private bool IsObserver => WellKnown.IsObserverInterface(_interface);

    /// <summary>Whether each project that names it has tells of its own: a form, or an interface of an assembly that is not compiled with the generator.</summary>
    private bool IsShared => _interface.IsGenericType || !SymbolEqualityComparer.Default.Equals(_interface.ContainingAssembly, _compilation.Assembly);

    private InterfaceModel? Read(CancellationToken cancellation)
    {
        if (!WellKnown.IsNameable(_interface, _compilation))
        {
            Report(DiagnosticDescriptors.NotAccessible, _interface, _interface.Name);
            return null;
        }

        IReadOnlyList<string> keys = IsObserver ? [ObserverKey] : WellKnown.KeyKindsOf(_interface);
        if (keys.Count > 1)
        {
            Report(DiagnosticDescriptors.SeveralKeys, _interface, _interface.Name);
            return null;
        }

        IMethodSymbol[] calls = [.. MembersOf(_interface).Where(IsCall).Cast<IMethodSymbol>()];
        var names = new HashSet<string>(calls.Select(static method => method.Name), StringComparer.Ordinal);
        var methods = new List<MethodModel>();
        var contract = new List<string>();
        foreach (IMethodSymbol method in calls)
        {
            cancellation.ThrowIfCancellationRequested();
            if (ReadMethod(method, names, out string signature) is { } model)
            {
                if (methods.FirstOrDefault(known => known.Id == model.Id) is { } same)
                {
                    Report(DiagnosticDescriptors.MethodCollision, method, method.Name, same.Name);
                }

                methods.Add(model);
                contract.Add(signature);
            }
        }

        // Only what no build can read in another way: what a type holds is found by name or position when it is decoded, but not where it travels as it is in memory.
        contract.AddRange(_types.Layouts);
        string wireName = WireNames.Of(_interface);
        ulong hash = StableHash.Of64(string.Join("\n", new[] { wireName }.Concat(contract.OrderBy(static line => line, StringComparer.Ordinal))));
        string typeName = _interface.ToDisplayString(WellKnown.Qualified);
        string tellName = Naming.TellOf(_interface, names);
        string room = _interface.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : string.Empty;
        return new InterfaceModel(
            typeName,
            tellName,
            !IsShared || !IsElsewhere(room, tellName),
            room,
            wireName,
            Naming.Unique(typeName),
            IsShared ? "internal" : WellKnown.VisibilityOf(_interface),
            keys[0],
            hash,
            _types.HasReferences,
            _types.HasPayloads,
            IsObserver,
            new EquatableArray<MethodModel>(methods));
    }

    /// <summary>Whether another assembly that lets this one see what is internal has the tells of a shared interface: a second method of the name would make every use ambiguous.</summary>
    private bool IsElsewhere(string room, string tellName) =>
        _compilation.GetTypesByMetadataName(room.Length == 0 ? tellName : $"{room}.{tellName}").Any(found =>
            !SymbolEqualityComparer.Default.Equals(found.ContainingAssembly, _compilation.Assembly) && _compilation.IsSymbolAccessibleWithin(found, _compilation.Assembly));

    /// <summary>Its own members and those of all interfaces it derives from, marked as actors' or not: a reference implements them all.</summary>
    private static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) => type.AllInterfaces.Reverse().Append(type).SelectMany(static one => one.GetMembers());

    /// <summary>Whether a member is a call. Private, static and sealed ones are code that runs where it is called; what a reference could not implement is reported.</summary>
    private bool IsCall(ISymbol member)
    {
        bool isOverridable = member.IsAbstract || member.IsVirtual;
        bool isExplicit = member is IPropertySymbol { ExplicitInterfaceImplementations.Length: > 0 } or IEventSymbol { ExplicitInterfaceImplementations.Length: > 0 }
            or IMethodSymbol { MethodKind: not (MethodKind.Ordinary or MethodKind.UserDefinedOperator or MethodKind.Conversion) };
        if (!isOverridable || isExplicit || member is INamedTypeSymbol || (member.IsStatic && !member.IsAbstract))
        {
            return false;
        }

        if (member is not IMethodSymbol || member.IsStatic)
        {
            Report(DiagnosticDescriptors.NotAMethod, member, member.Name);
            return false;
        }

        if (_compilation.IsSymbolAccessibleWithin(member, _compilation.Assembly))
        {
            return true;
        }

        if (member.IsAbstract)
        {
            Report(DiagnosticDescriptors.NotAccessible, member, member.Name);
        }

        return false;
    }

    private MethodModel? ReadMethod(IMethodSymbol method, HashSet<string> names, out string signature)
    {
        signature = string.Empty;
        if (method.IsGenericMethod)
        {
            Report(DiagnosticDescriptors.GenericMethod, method, method.Name);
            return null;
        }

        if (ReadReturn(method) is not { } returned)
        {
            return null;
        }

        string options = OptionsOf(method, returned.Kind);
        var parameters = new List<ParameterModel>();
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
            {
                Report(DiagnosticDescriptors.ByReference, method, method.Name, parameter.Name);
                return null;
            }

            if (WellKnown.FullName(parameter.Type) == "System.Threading.CancellationToken")
            {
                if (!SymbolEqualityComparer.Default.Equals(parameter, method.Parameters[method.Parameters.Length - 1]))
                {
                    Report(DiagnosticDescriptors.CancellationNotLast, method, method.Name);
                    return null;
                }

                options += " | global::Kameo.Actors.Calls.ActorMethodOptions.Cancellable";
                parameters.Add(ParameterParser.Parse(parameter, null));
            }
            else if (ReadType(parameter.Type, method) is { } value)
            {
                parameters.Add(ParameterParser.Parse(parameter, value));
            }
            else
            {
                return null;
            }
        }

        IEnumerable<string> arguments = method.Parameters.Take(parameters.Count(static one => !one.IsCancellation)).Select(static one => WireNames.InSignature(one.Type));
        string result = returned.Result is null ? "void"
            : returned.Kind == ReturnKind.Items ? WireNames.InSignature(method.ReturnType)
            : WireNames.InSignature(((INamedTypeSymbol)method.ReturnType).TypeArguments[0]);
        signature = $"{method.Name}({string.Join(",", arguments)}):{result}";
        return new MethodModel(
            method.Name,
            UniqueName(method.Name, names),
            method.ContainingType.ToDisplayString(WellKnown.Qualified),
            StableHash.Of32(signature),
            options,
            TimeoutOf(method),
            returned.Kind,
            method.ReturnType.ToDisplayString(WellKnown.Annotated),
            returned.Result,
            new EquatableArray<ParameterModel>(parameters));
    }

    /// <summary>The name for the first overload; with a number that no other method ends in for the next.</summary>
    private string UniqueName(string name, HashSet<string> names)
    {
        if (_named.Add(name))
        {
            return name;
        }

        for (int number = 2; ; number++)
        {
            string numbered = name + number.ToString(CultureInfo.InvariantCulture);
            if (!names.Contains(numbered) && _named.Add(numbered))
            {
                return numbered;
            }
        }
    }

    private (ReturnKind Kind, ValueModel? Result)? ReadReturn(IMethodSymbol method)
    {
        if (method.ReturnsVoid && IsObserver)
        {
            return (ReturnKind.Void, null);
        }

        var type = method.RefKind == RefKind.None ? method.ReturnType as INamedTypeSymbol : null;
        switch (type is null ? null : WellKnown.FullName(type))
        {
            case "System.Threading.Tasks.Task":
                return (ReturnKind.Task, null);
            case "System.Threading.Tasks.ValueTask":
                return (ReturnKind.ValueTask, null);
            case "System.Threading.Tasks.Task`1":
                return ReadType(type!.TypeArguments[0], method) is { } ofTask ? (ReturnKind.TaskOfResult, ofTask) : null;
            case "System.Threading.Tasks.ValueTask`1":
                return ReadType(type!.TypeArguments[0], method) is { } ofValueTask ? (ReturnKind.ValueTaskOfResult, ofValueTask) : null;
            case "System.Collections.Generic.IAsyncEnumerable`1":
                return ReadType(type!, method) is { } items ? (ReturnKind.Items, items) : null;
            default:
                Report(DiagnosticDescriptors.NotAsync, method, method.Name);
                return null;
        }
    }

    private ValueModel? ReadType(ITypeSymbol type, IMethodSymbol method)
    {
        TypeReading reading = _types.Read(type);
        if (reading.Value is not null)
        {
            return reading.Value;
        }

        if (reading.BadPayload is { } refused)
        {
            Report(refused.Layout.IsPadded ? DiagnosticDescriptors.PaddedPayload : DiagnosticDescriptors.BadPayload, method, method.Name, refused.Type, refused.Layout.Refusal!);
        }
        else if (reading.KeyTwice is { } key)
        {
            Report(DiagnosticDescriptors.KeyCollision, method, reading.Type, key);
        }
        else
        {
            Report(DiagnosticDescriptors.NotSerialisable, method, method.Name, reading.Type, reading.Refusal!);
        }

        return null;
    }

    private string OptionsOf(IMethodSymbol method, ReturnKind kind)
    {
        const string Prefix = "global::Kameo.Actors.Calls.ActorMethodOptions.";
        string options = Prefix + "None";
        if (kind == ReturnKind.Void || WellKnown.Attribute(method, "Orleans.Concurrency.OneWayAttribute") is not null)
        {
            options += $" | {Prefix}OneWay";
            if (kind is ReturnKind.TaskOfResult or ReturnKind.ValueTaskOfResult or ReturnKind.Items)
            {
                Report(DiagnosticDescriptors.OneWayResult, method, method.Name);
            }
        }

        if (WellKnown.Attribute(method, "Orleans.Concurrency.ReadOnlyAttribute") is not null)
        {
            options += $" | {Prefix}ReadOnly";
        }

        if (WellKnown.Attribute(method, "Orleans.Concurrency.AlwaysInterleaveAttribute") is not null)
        {
            options += $" | {Prefix}AlwaysInterleave";
        }

        return options;
    }

    private long? TimeoutOf(IMethodSymbol method)
    {
        const string Name = "Kameo.Actors.AskTimeoutAttribute";
        AttributeData? attribute = WellKnown.Attribute(method, Name) ?? WellKnown.Attribute(method.ContainingType, Name) ?? WellKnown.Attribute(_interface, Name);
        if (attribute is not { ConstructorArguments: [{ Value: string text }] })
        {
            return null;
        }

        // A number alone would be days.
        if (text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan timeout) && timeout > TimeSpan.Zero)
        {
            return timeout.Ticks;
        }

        Report(DiagnosticDescriptors.BadTimeout, method, method.Name, text);
        return null;
    }

    private void Report(DiagnosticDescriptor descriptor, ISymbol where, params string[] arguments)
    {
        // Of a base interface in another assembly the place is this interface.
        ISymbol place = where.Locations.Any(static location => location.IsInSource) ? where : _interface;
        _diagnostics.Add(DiagnosticModel.Of(descriptor, place, arguments));
    }
}
