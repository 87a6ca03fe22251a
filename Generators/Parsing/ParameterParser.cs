using Kameo.Actors.Generators.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>From a parameter of an actor method to its model.</summary>
internal static class ParameterParser
{
    /// <summary>Reads one.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="value">How it travels; null for a cancellation token.</param>
    public static ParameterModel Parse(IParameterSymbol parameter, ValueModel? value) => new(
        NameOf(parameter),
        parameter.Type.ToDisplayString(WellKnown.Annotated),
        string.Concat(parameter.GetAttributes().Select(CallerAttribute)) + (parameter.IsParams ? "params " : string.Empty),
        Literals.DefaultOf(parameter),
        value);

    /// <summary>Its name, where C# can write it and no other parameter has it: other languages need none (F#), and may have any.</summary>
    private static string NameOf(IParameterSymbol parameter)
    {
        string[] names = [.. ((IMethodSymbol)parameter.ContainingSymbol).Parameters.Select(static one => one.Name)];
        return SyntaxFacts.IsValidIdentifier(parameter.Name) && names.Count(name => name == parameter.Name) == 1
            ? Naming.Escape(parameter.Name)
            : Naming.Free(FormattableString.Invariant($"argument{parameter.Ordinal + 1}"), names);
    }

    /// <summary>The attributes by which the compiler fills in a default.</summary>
    private static string CallerAttribute(AttributeData attribute)
    {
        if (attribute.AttributeClass is not { } type || WellKnown.FullName(type) is not ("System.Runtime.CompilerServices.CallerMemberNameAttribute"
            or "System.Runtime.CompilerServices.CallerFilePathAttribute" or "System.Runtime.CompilerServices.CallerLineNumberAttribute"
            or "System.Runtime.CompilerServices.CallerArgumentExpressionAttribute"))
        {
            return string.Empty;
        }

        string arguments = string.Join(", ", attribute.ConstructorArguments.Select(Literals.Of));
        return $"[{type.ToDisplayString(WellKnown.Qualified)}({arguments})] ";
    }
}
