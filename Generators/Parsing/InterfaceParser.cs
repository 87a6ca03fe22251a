using System.Globalization;
using Kameo.Actors.Generators.Diagnostics;
using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From the symbol of an actor interface to its model.</summary>
internal sealed class InterfaceParser
{
    private readonly INamedTypeSymbol _interface;
    private readonly TypeParser _types;
    private readonly List<DiagnosticModel> _diagnostics = [];

    private InterfaceParser(INamedTypeSymbol @interface, Compilation compilation)
    {
        _interface = @interface;
        _types = new TypeParser(compilation, WellKnown.Identifier(compilation.AssemblyName ?? string.Empty));
    }

    /// <summary>Reads an interface.</summary>
    public static Parsed<InterfaceModel> Parse(INamedTypeSymbol @interface, Compilation compilation, CancellationToken cancellation)
    {
        var parser = new InterfaceParser(@interface, compilation);
        InterfaceModel? model = parser.Read(cancellation);
        return new Parsed<InterfaceModel>(
            parser._diagnostics.Count == 0 ? model : null, new EquatableArray<ShapeModel>(parser._types.Shapes), new EquatableArray<DiagnosticModel>(parser._diagnostics));
    }

    private InterfaceModel? Read(CancellationToken cancellation)
    {
        if (_interface.IsGenericType)
        {
            Report(DiagnosticDescriptors.Generic, _interface, _interface.Name);
            return null;
        }

        if (!WellKnown.IsNameable(_interface))
        {
            Report(DiagnosticDescriptors.NotAccessible, _interface, _interface.Name);
            return null;
        }

        IReadOnlyList<string> keys = WellKnown.KeyKindsOf(_interface);
        if (keys.Count > 1)
        {
            Report(DiagnosticDescriptors.SeveralKeys, _interface, _interface.Name);
            return null;
        }

        var methods = new List<MethodModel>();
        var contract = new List<string>();
        foreach (ISymbol member in MembersOf(_interface))
        {
            cancellation.ThrowIfCancellationRequested();
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false } method)
            {
                if (ReadMethod(method, methods, out string signature) is { } model)
                {
                    if (methods.FirstOrDefault(known => known.Id == model.Id) is { } same)
                    {
                        Report(DiagnosticDescriptors.MethodCollision, method, method.Name, same.Name);
                    }

                    methods.Add(model);
                    contract.Add(signature);
                }
            }
            else if (member is IPropertySymbol or IEventSymbol)
            {
                Report(DiagnosticDescriptors.NotAMethod, member, member.Name);
            }
        }

        string wireName = WellKnown.WireName(_interface);
        ulong hash = StableHash.Of64(string.Join("\n", new[] { wireName }.Concat(contract.OrderBy(static line => line, StringComparer.Ordinal)).Concat(_types.Contract)));
        string typeName = _interface.ToDisplayString(WellKnown.Qualified);
        return new InterfaceModel(
            typeName,
            _interface.Name,
            _interface.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() : string.Empty,
            wireName,
            WellKnown.Identifier(typeName),
            WellKnown.VisibilityOf(_interface),
            keys[0],
            hash,
            new EquatableArray<MethodModel>(methods));
    }

    /// <summary>Its own members and those of the actor interfaces it derives from.</summary>
    private static IEnumerable<ISymbol> MembersOf(INamedTypeSymbol type) =>
        type.AllInterfaces.Where(WellKnown.IsActorInterface).Reverse().Append(type).SelectMany(static one => one.GetMembers());

    private MethodModel? ReadMethod(IMethodSymbol method, List<MethodModel> before, out string signature)
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

            string declared = parameter.Type.ToDisplayString(WellKnown.Annotated);
            if (WellKnown.FullName(parameter.Type) == "System.Threading.CancellationToken")
            {
                if (!SymbolEqualityComparer.Default.Equals(parameter, method.Parameters[method.Parameters.Length - 1]))
                {
                    Report(DiagnosticDescriptors.CancellationNotLast, method, method.Name);
                    return null;
                }

                options += " | global::Kameo.Actors.Calls.ActorMethodOptions.Cancellable";
                parameters.Add(new ParameterModel(WellKnown.Escape(parameter.Name), declared, null));
            }
            else if (ReadType(parameter.Type, method) is { } value)
            {
                parameters.Add(new ParameterModel(WellKnown.Escape(parameter.Name), declared, value));
            }
            else
            {
                return null;
            }
        }

        signature = $"{method.Name}({string.Join(",", parameters.Where(static one => !one.IsCancellation).Select(static one => one.Value!.Type))}):{returned.Result?.Type ?? "void"}";
        int overloads = before.Count(known => known.Name == method.Name);
        return new MethodModel(
            method.Name,
            overloads == 0 ? method.Name : method.Name + (overloads + 1).ToString(CultureInfo.InvariantCulture),
            method.ContainingType.ToDisplayString(WellKnown.Qualified),
            StableHash.Of32(signature),
            options,
            TimeoutOf(method),
            returned.Kind,
            method.ReturnType.ToDisplayString(WellKnown.Annotated),
            returned.Result,
            new EquatableArray<ParameterModel>(parameters));
    }

    private (ReturnKind Kind, ValueModel? Result)? ReadReturn(IMethodSymbol method)
    {
        var type = method.ReturnType as INamedTypeSymbol;
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

        if (reading.KeyTwice is { } key)
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
        if (WellKnown.Attribute(method, "Orleans.Concurrency.OneWayAttribute") is not null)
        {
            options += $" | {Prefix}OneWay";
            if (kind is ReturnKind.TaskOfResult or ReturnKind.ValueTaskOfResult)
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

        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan timeout) && timeout > TimeSpan.Zero)
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
