using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the formatter of a type that can be several: an array of the case's number and its value.</summary>
internal static class UnionEmitter
{
    /// <summary>Writes the members.</summary>
    public static void Emit(SourceWriter writer, ShapeModel shape)
    {
        writer.Open($"public static void Encode(ref global::Kameo.Actors.Transport.MessagePack.MessagePackWriter writer, {shape.Type} value)");
        writer.Open("switch (value)");
        writer.Line("case null: writer.WriteNil(); break;");
        foreach (CaseModel one in shape.Cases)
        {
            writer.Line($"case {one.Value.Type} found when found.GetType() == typeof({one.Value.Type}): writer.WriteArrayHeader(2); writer.EnterNested(); writer.Write({Text(one.Key)}); {one.Value.Formatter}.Encode(ref writer, found); writer.LeaveNested(); break;");
        }

        writer.Line($"default: global::Kameo.Actors.Serialization.Elements.ThrowDerived(value, typeof({shape.Type})); break;").Close().Close().Line();
        writer.Open($"public static {shape.Type} Decode(ref global::Kameo.Actors.Transport.MessagePack.MessagePackReader reader)");
        writer.Open("if (reader.TryReadNil())").Line("return null!;").Close().Line();
        writer.Open("if (reader.ReadArrayHeader() != 2)").Line("global::Kameo.Actors.Serialization.Elements.ThrowNoCase();").Close().Line();
        writer.Line("reader.EnterNested();");
        writer.Open($"{shape.Type} value = reader.ReadInt32() switch");
        foreach (CaseModel one in shape.Cases)
        {
            writer.Line($"{Text(one.Key)} => {one.Value.Formatter}.Decode(ref reader),");
        }

        writer.Line("_ => throw new global::Kameo.Actors.Transport.MessagePack.MessagePackException(\"The union has no such case.\"),").Close("};");
        writer.Line("reader.LeaveNested();").Line("return value;").Close().Line();
        Copy(writer, shape);
    }

    private static void Copy(SourceWriter writer, ShapeModel shape)
    {
        writer.Open($"public static {shape.Type} Copy({shape.Type} value)");
        if (shape.IsRecursive && !shape.IsImmutable)
        {
            writer.Line(FormatterEmitter.StackGuard);
        }

        writer.Open("return value switch");
        writer.Line("null => null!,");
        foreach (CaseModel one in shape.Cases)
        {
            writer.Line($"{one.Value.Type} found when found.GetType() == typeof({one.Value.Type}) => {(shape.IsImmutable ? "found" : $"{one.Value.Formatter}.Copy(found)")},");
        }

        writer.Line($"_ => throw global::Kameo.Actors.Serialization.Elements.Derived(value, typeof({shape.Type})),").Close("};").Close();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
