using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Kameo.Actors.Generators.Parsing;

/// <summary>
/// Which values may travel as they are in memory: those that are the same on every machine, without a byte that is no part of them, and of which any bytes are a value. A struct is looked into,
/// field by field, as .NET lays it out: in order, each at a multiple of its own alignment.
/// </summary>
internal static class ValueLayouts
{
    /// <summary>The largest value; its size is 16 bits on the wire.</summary>
    private const int BytesMax = ushort.MaxValue;

    /// <summary>How deep structs may lie in each other; one that contains itself is an error of its own.</summary>
    private const int DepthMax = 32;

    private static readonly Dictionary<string, (int Bytes, int Alignment)> s_leaves = new()
    {
        ["System.Byte"] = (1, 1),
        ["System.SByte"] = (1, 1),
        ["System.Int16"] = (2, 2),
        ["System.UInt16"] = (2, 2),
        ["System.Char"] = (2, 2),
        ["System.Half"] = (2, 2),
        ["System.Int32"] = (4, 4),
        ["System.UInt32"] = (4, 4),
        ["System.Single"] = (4, 4),
        ["System.Int64"] = (8, 8),
        ["System.UInt64"] = (8, 8),
        ["System.Double"] = (8, 8),
        ["System.TimeSpan"] = (8, 8),
        ["System.Int128"] = (16, 16),
        ["System.UInt128"] = (16, 16),
        ["System.Guid"] = (16, 4),
        ["System.Numerics.Vector2"] = (8, 4),
        ["System.Numerics.Vector3"] = (12, 4),
        ["System.Numerics.Vector4"] = (16, 4),
        ["System.Numerics.Quaternion"] = (16, 4),
        ["System.Numerics.Plane"] = (16, 4),
        ["System.Numerics.Matrix3x2"] = (24, 4),
        ["System.Numerics.Matrix4x4"] = (64, 4),
        ["System.Numerics.Complex"] = (16, 8),
    };

    private static readonly Dictionary<string, string> s_refusals = new()
    {
        ["System.Boolean"] = "a Boolean that is neither 0 nor 1 is neither true nor false; use a byte",
        ["System.IntPtr"] = "its size is that of the machine's pointers; use long",
        ["System.UIntPtr"] = "its size is that of the machine's pointers; use ulong",
        ["System.Decimal"] = "not all bytes are a decimal; use a scaled long, or send a list",
        ["System.DateTime"] = "not all bytes are a point in time, and its layout is not fixed; use its ticks",
        ["System.DateTimeOffset"] = "not all bytes are a point in time, and its layout is not fixed; use its UTC ticks",
        ["System.DateOnly"] = "not all bytes are a day; use its number",
        ["System.TimeOnly"] = "not all bytes are a time of day; use its ticks",
        ["System.Text.Rune"] = "not all bytes are a Unicode scalar; use int",
    };

    /// <summary>Looks at a type.</summary>
    public static ValueLayout Of(ITypeSymbol type, Compilation compilation) => Of(type, compilation, 0);

    private static ValueLayout Of(ITypeSymbol type, Compilation compilation, int depth)
    {
        string name = WellKnown.FullName(type);
        if (s_leaves.TryGetValue(name, out (int Bytes, int Alignment) leaf))
        {
            return new ValueLayout(leaf.Bytes, leaf.Alignment, name, null, false);
        }

        if (s_refusals.TryGetValue(name, out string? refusal))
        {
            return ValueLayout.No(refusal);
        }

        return type switch
        {
            INamedTypeSymbol { EnumUnderlyingType: { } number } => Of(number, compilation, depth + 1),
            IPointerTypeSymbol or IFunctionPointerTypeSymbol => ValueLayout.No("a pointer means nothing on another node"),
            ITypeParameterSymbol => ValueLayout.No("a type parameter is not known when the code is compiled"),
            { IsReferenceType: true } => ValueLayout.No("it is a reference; send an array, a list or a record of such"),
            { IsRefLikeType: true } => ValueLayout.No("a ref struct lives on one stack"),
            INamedTypeSymbol { TypeKind: TypeKind.Struct } structure => Losses.IsOfDotnet(structure, compilation) ? ValueLayout.No("how it lies in memory is an affair of .NET; use a struct of your own")
                : depth > DepthMax ? ValueLayout.No("it contains itself")
                : OfStruct(structure, compilation, depth),
            _ => ValueLayout.No("it is not known"),
        };
    }

    private static ValueLayout OfStruct(INamedTypeSymbol type, Compilation compilation, int depth)
    {
        // Of a struct in another assembly the attribute is not to be seen: without padding a packing changes nothing, and the runtime compares the size and refuses the other kinds.
        AttributeData? attribute = WellKnown.Attribute(type, "System.Runtime.InteropServices.StructLayoutAttribute");
        int kind = attribute is { ConstructorArguments: [{ Value: { } given }] } ? Convert.ToInt32(given, CultureInfo.InvariantCulture) : 0;
        if (kind != 0)
        {
            return ValueLayout.No(kind == 3 ? "its layout is automatic, so it is not the same everywhere; make it sequential" : "its layout is explicit; make it sequential");
        }

        int packing = Named(attribute, "Pack") is > 0 and int pack ? pack : int.MaxValue;
        int bytes = 0;
        int alignment = 1;
        var text = new List<string>();
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>().Where(static field => !field.IsStatic && !field.IsConst))
        {
            string shown = ShownName(field);
            ValueLayout one = OfField(type, field, compilation, depth);
            if (one.Refusal is { } refusal)
            {
                return one with { Refusal = $"its field {shown} is {field.Type.ToDisplayString()}: {refusal}" };
            }

            int aligned = Math.Min(one.Alignment, packing);
            int gap = -bytes & (aligned - 1);
            if (gap != 0)
            {
                return ValueLayout.Padded($"before its field {shown} {Lie(gap)}");
            }

            bytes += one.Bytes;
            alignment = Math.Max(alignment, aligned);
            text.Add($"{shown}:{one.Text}");
            if (bytes > BytesMax)
            {
                return ValueLayout.No($"it has more than {BytesMax} bytes");
            }
        }

        if (bytes == 0)
        {
            return ValueLayout.No("it has no field");
        }

        int end = Math.Max((-bytes & (alignment - 1)) + bytes, Named(attribute, "Size") ?? 0);
        return end != bytes ? ValueLayout.Padded($"at its end {Lie(end - bytes)}") : new ValueLayout(bytes, alignment, $"{{{string.Join(",", text)}}}", null, false);
    }

    private static ValueLayout OfField(INamedTypeSymbol type, IFieldSymbol field, Compilation compilation, int depth)
    {
        ITypeSymbol element = field.IsFixedSizeBuffer && field.Type is IPointerTypeSymbol buffer ? buffer.PointedAtType : field.Type;
        int count = field.IsFixedSizeBuffer ? field.FixedSize
            : WellKnown.Attribute(type, "System.Runtime.CompilerServices.InlineArrayAttribute") is { ConstructorArguments: [{ Value: int length }] } ? length
            : 1;
        ValueLayout one = Of(element, compilation, depth + 1);
        return one.Refusal is not null || count == 1 ? one
            : count <= 0 || (long)one.Bytes * count > BytesMax ? ValueLayout.No($"it has no bytes, or more than {BytesMax}")
            : one with { Bytes = one.Bytes * count, Text = $"{one.Text}[{count.ToString(CultureInfo.InvariantCulture)}]" };
    }

    /// <summary>A property's name for its field, also in another assembly, where nothing else says what the field is of.</summary>
    private static string ShownName(IFieldSymbol field)
    {
        const string Ending = ">k__BackingField";
        return field.Name.StartsWith("<", StringComparison.Ordinal) && field.Name.EndsWith(Ending, StringComparison.Ordinal) ? field.Name.Substring(1, field.Name.Length - Ending.Length - 1) : field.Name;
    }

    private static int? Named(AttributeData? attribute, string name) =>
        attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value is int value ? value : null;

    private static string Lie(int bytes) => bytes == 1 ? "lies 1 byte" : $"lie {bytes.ToString(CultureInfo.InvariantCulture)} bytes";
}

/// <summary>How a value lies in memory, or why it may not travel so.</summary>
/// <param name="Bytes">Its size.</param>
/// <param name="Alignment">What its address is a multiple of.</param>
/// <param name="Text">Its fields in order, with their names: two that differ are not read as each other.</param>
/// <param name="Refusal">Why it may not; null if it may.</param>
/// <param name="IsPadded">Whether that is because of bytes that are no part of it.</param>
internal sealed record ValueLayout(int Bytes, int Alignment, string Text, string? Refusal, bool IsPadded)
{
    public static ValueLayout No(string refusal) => new(0, 1, string.Empty, refusal, false);

    public static ValueLayout Padded(string refusal) => new(0, 1, string.Empty, refusal, true);
}

/// <summary>A payload of values that may not travel as they are in memory.</summary>
/// <param name="Type">Of what.</param>
/// <param name="Layout">Why not.</param>
internal sealed record BadPayload(string Type, ValueLayout Layout);
