using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the formatter of one type.</summary>
internal static class FormatterEmitter
{
    private const string Writer = "ref global::Kameo.Actors.Transport.MessagePack.MessagePackWriter writer";
    private const string Reader = "ref global::Kameo.Actors.Transport.MessagePack.MessagePackReader reader";
    private const string Elements = "global::Kameo.Actors.Serialization.Elements";

    /// <summary>Writes the file.</summary>
    public static string Emit(ShapeModel shape, string assembly)
    {
        var writer = new SourceWriter();
        writer.Open($"namespace Kameo.Actors.Generated.{assembly}");
        writer.Line($"/// <summary>Formats <see cref=\"{shape.Type.Replace('<', '{').Replace('>', '}')}\"/>.</summary>");
        writer.Open($"internal readonly struct {shape.FormatterName} : global::Kameo.Actors.Serialization.IFormatter<{shape.Type}>");
        if (shape.Cases.Count != 0)
        {
            UnionEmitter.Emit(writer, shape);
        }
        else
        {
            Encode(writer, shape);
            writer.Line();
            Decode(writer, shape);
            writer.Line();
            Copy(writer, shape);
        }

        return writer.Close().Close().ToString();
    }

    private static void Encode(SourceWriter writer, ShapeModel shape)
    {
        writer.Open($"public static void Encode({Writer}, {shape.Type} value)");
        if (shape.IsReference)
        {
            writer.Open("if (value is null)").Line("writer.WriteNil();").Line("return;").Close().Line();
            writer.Open($"if (value.GetType() != typeof({shape.Type}))").Line($"{Elements}.ThrowDerived(value, typeof({shape.Type}));").Close().Line();
        }

        int positions = shape.IsArray && shape.Members.Count != 0 ? shape.Members[shape.Members.Count - 1].Position + 1 : shape.Members.Count;
        writer.Line($"writer.{(shape.IsArray ? "WriteArrayHeader" : "WriteMapHeader")}({Text(positions)});");
        writer.Line("writer.EnterNested();");
        int at = 0;
        foreach (MemberModel member in shape.Members)
        {
            if (shape.IsArray)
            {
                for (; at < member.Position; at++)
                {
                    writer.Line("writer.WriteNil();"); // A position that no member has.
                }

                at++;
            }
            else
            {
                writer.Line($"writer.WriteUtf8({Quote(member.Key)}u8);");
            }

            writer.Line($"{member.Value.Formatter}.Encode(ref writer, value.{member.Name});");
        }

        writer.Line("writer.LeaveNested();").Close();
    }

    private static void Decode(SourceWriter writer, ShapeModel shape)
    {
        writer.Open($"public static {shape.Type} Decode({Reader})");
        if (shape.IsReference)
        {
            writer.Open("if (reader.TryReadNil())").Line("return null!;").Close().Line();
        }

        writer.Line($"int count = reader.{(shape.IsArray ? "ReadArrayHeader" : "ReadMapHeader")}();");
        writer.Line("reader.EnterNested();");
        for (int index = 0; index < shape.Members.Count; index++)
        {
            writer.Line($"{shape.Members[index].Value.Type} member{Text(index)} = default!;");
        }

        if (shape.IsArray)
        {
            DecodeArray(writer, shape);
        }
        else
        {
            DecodeMap(writer, shape);
        }

        writer.Line("reader.LeaveNested();");
        Construct(writer, shape, static (_, index) => $"member{Text(index)}");
        writer.Close();
    }

    private static void DecodeArray(SourceWriter writer, ShapeModel shape)
    {
        writer.Open("for (int position = 0; position < count; position++)");
        writer.Open("switch (position)");
        for (int index = 0; index < shape.Members.Count; index++)
        {
            writer.Line($"case {Text(shape.Members[index].Position)}: member{Text(index)} = {shape.Members[index].Value.Formatter}.Decode(ref reader); break;");
        }

        writer.Line("default: reader.Skip(); break;").Close().Close().Line();
    }

    private static void DecodeMap(SourceWriter writer, ShapeModel shape)
    {
        writer.Open("for (; count > 0; count--)");
        writer.Open("if (!reader.ReadUtf8Span(out global::System.ReadOnlySpan<byte> key))").Line($"{Elements}.ThrowNoName();").Close().Line();
        for (int index = 0; index < shape.Members.Count; index++)
        {
            writer.Line($"{(index == 0 ? string.Empty : "else ")}if (global::System.MemoryExtensions.SequenceEqual(key, {Quote(shape.Members[index].Key)}u8)) member{Text(index)} = {shape.Members[index].Value.Formatter}.Decode(ref reader);");
        }

        writer.Line(shape.Members.Count == 0 ? "reader.Skip();" : "else reader.Skip();").Close().Line();
    }

    private static void Copy(SourceWriter writer, ShapeModel shape)
    {
        if (shape.IsImmutable)
        {
            writer.Line($"public static {shape.Type} Copy({shape.Type} value) => value;");
            return;
        }

        writer.Open($"public static {shape.Type} Copy({shape.Type} value)");
        if (shape.IsReference)
        {
            writer.Open("if (value is null)").Line("return null!;").Close().Line();
            writer.Open($"if (value.GetType() != typeof({shape.Type}))").Line($"{Elements}.ThrowDerived(value, typeof({shape.Type}));").Close().Line();
        }

        Construct(writer, shape, static (member, _) => $"{member.Value.Formatter}.Copy(value.{member.Name})");
        writer.Close();
    }

    private static void Construct(SourceWriter writer, ShapeModel shape, Func<MemberModel, int, string> value)
    {
        string arguments = string.Join(", ", shape.ConstructorMembers.Select(index => value(shape.Members[index], index)));
        int[] set = [.. Enumerable.Range(0, shape.Members.Count).Where(index => !shape.ConstructorMembers.Contains(index))];
        if (set.Length == 0)
        {
            writer.Line($"return new {shape.Type}({arguments});");
            return;
        }

        writer.Open($"return new {shape.Type}({arguments})");
        foreach (int index in set)
        {
            writer.Line($"{shape.Members[index].Name} = {value(shape.Members[index], index)},");
        }

        writer.Close("};");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Quote(string text) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(text, quote: true);
}
