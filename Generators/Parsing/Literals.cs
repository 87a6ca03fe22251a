using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>Constants as C# writes them: defaults of parameters and keys of services.</summary>
internal static class Literals
{
    /// <summary>The default of a parameter; null if it has none that C# can write.</summary>
    public static string? DefaultOf(IParameterSymbol parameter) => parameter.HasExplicitDefaultValue ? Of(parameter.Type, parameter.ExplicitDefaultValue) : null;

    /// <summary>An argument of an attribute.</summary>
    public static string Of(TypedConstant constant) => constant switch
    {
        { IsNull: true } => "null",
        { Kind: TypedConstantKind.Type, Value: ITypeSymbol type } => $"typeof({type.ToDisplayString(WellKnown.Qualified)})",
        { Kind: TypedConstantKind.Array, Type: { } type } => $"new {type.ToDisplayString(WellKnown.Qualified)} {{ {string.Join(", ", constant.Values.Select(Of))} }}",
        { Kind: TypedConstantKind.Primitive or TypedConstantKind.Enum, Type: { } type } => Of(type, constant.Value) ?? constant.ToCSharpString(),
        _ => constant.ToCSharpString(),
    };

    private static string? Of(ITypeSymbol type, object? value)
    {
        if (value is null)
        {
            return $"default({type.ToDisplayString(WellKnown.Qualified)})";
        }

        ITypeSymbol inner = WellKnown.WithoutNullable(type);
        string? text = value switch
        {
            string => SymbolDisplay.FormatLiteral((string)value, quote: true),
            char => SymbolDisplay.FormatLiteral((char)value, quote: true),
            bool => (bool)value ? "true" : "false",
            double number => Of(number),
            float number => Of(number),
            decimal number => number.ToString(CultureInfo.InvariantCulture) + "m",
            uint number => number.ToString(CultureInfo.InvariantCulture) + "u",
            long number => number.ToString(CultureInfo.InvariantCulture) + "L",
            ulong number => number.ToString(CultureInfo.InvariantCulture) + "ul",
            int or short or ushort or byte or sbyte => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
            _ => null,
        };
        bool isItself = inner.SpecialType is SpecialType.System_String or SpecialType.System_Char or SpecialType.System_Boolean or SpecialType.System_Double or SpecialType.System_Single
            or SpecialType.System_Decimal or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64;
        return isItself || text is null ? text : $"({inner.ToDisplayString(WellKnown.Qualified)})({text})";
    }

    private static string Of(double number) =>
        double.IsNaN(number) ? "double.NaN"
        : double.IsInfinity(number) ? number > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity"
        : number.ToString("R", CultureInfo.InvariantCulture) + "d";

    private static string Of(float number) =>
        float.IsNaN(number) ? "float.NaN"
        : float.IsInfinity(number) ? number > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity"
        : number.ToString("R", CultureInfo.InvariantCulture) + "f";
}
