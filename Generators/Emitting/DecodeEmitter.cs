using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>
/// Writes how a formatter reads. Members come in any order, some perhaps not at all; what an object is made of is known at the end. A missing member keeps what the type's own
/// initialiser gives it: one with <c>set</c> is not set, one with <c>init</c> is taken from an object that is made without it.
/// </summary>
internal static class DecodeEmitter
{
    private const string Elements = "global::Kameo.Actors.Serialization.Elements";

    /// <summary>Writes the method.</summary>
    public static void Emit(SourceWriter writer, ShapeModel shape)
    {
        writer.Open($"public static {shape.Type} Decode(ref global::Kameo.Actors.Transport.MessagePack.MessagePackReader reader)");
        if (shape.IsReference)
        {
            writer.Open("if (reader.TryReadNil())").Line("return null!;").Close().Line();
        }

        writer.Line($"int count = reader.{(shape.IsArray ? "ReadArrayHeader" : "ReadMapHeader")}();");
        writer.Line("reader.EnterNested();");
        for (int index = 0; index < shape.Members.Count; index++)
        {
            MemberModel member = shape.Members[index];
            writer.Line($"{member.Value.Type} {Local(index)} = {member.Default ?? "default!"};");
            if (MayStayOut(member))
            {
                writer.Line($"bool {Has(index)} = false;");
            }
        }

        if (shape.IsArray)
        {
            ReadArray(writer, shape);
        }
        else
        {
            ReadMap(writer, shape);
        }

        writer.Line("reader.LeaveNested();");
        TakeInitialisers(writer, shape);
        Finish(writer, shape);
        writer.Close();
    }

    private static void ReadArray(SourceWriter writer, ShapeModel shape)
    {
        writer.Open("for (int position = 0; position < count; position++)");
        writer.Open("switch (position)");
        for (int index = 0; index < shape.Members.Count; index++)
        {
            writer.Line($"case {Text(shape.Members[index].Position)}: {Read(shape, index)} break;");
        }

        writer.Line("default: reader.Skip(); break;").Close().Close().Line();
    }

    private static void ReadMap(SourceWriter writer, ShapeModel shape)
    {
        writer.Open("for (; count > 0; count--)");
        writer.Open("if (!reader.ReadUtf8Span(out global::System.ReadOnlySpan<byte> key))").Line($"{Elements}.ThrowNoName();").Close().Line();
        for (int index = 0; index < shape.Members.Count; index++)
        {
            string read = MayStayOut(shape.Members[index]) ? $"{{ {Read(shape, index)} }}" : Read(shape, index);
            writer.Line($"{(index == 0 ? string.Empty : "else ")}if (global::System.MemoryExtensions.SequenceEqual(key, {SourceWriter.Quote(shape.Members[index].Key)}u8)) {read}");
        }

        writer.Line(shape.Members.Count == 0 ? "reader.Skip();" : "else reader.Skip();").Close().Line();
    }

    private static string Read(ShapeModel shape, int index) =>
        $"{Local(index)} = {shape.Members[index].Value.Formatter}.Decode(ref reader);{(MayStayOut(shape.Members[index]) ? $" {Has(index)} = true;" : string.Empty)}";

    /// <summary>What is set only as the object is made, and did not come.</summary>
    private static void TakeInitialisers(SourceWriter writer, ShapeModel shape)
    {
        int[] some = [.. Enumerable.Range(0, shape.Members.Count).Where(index => shape.Members[index].Place == MemberPlace.Initialiser)];
        if (some.Length == 0)
        {
            return;
        }

        writer.Open($"if (!({string.Join(" && ", some.Select(Has))}))");
        writer.Line($"{shape.Type} initial = {FormatterEmitter.Construct(shape, static (_, index) => Local(index), static _ => false)};");
        foreach (int index in some)
        {
            writer.Line($"if (!{Has(index)}) {Local(index)} = initial.{shape.Members[index].Name};");
        }

        writer.Close().Line();
    }

    private static void Finish(SourceWriter writer, ShapeModel shape)
    {
        string made = FormatterEmitter.Construct(shape, static (_, index) => Local(index), static member => member.Place == MemberPlace.Initialiser);
        int[] later = [.. Enumerable.Range(0, shape.Members.Count).Where(index => shape.Members[index].Place == MemberPlace.Setter)];
        if (later.Length == 0)
        {
            writer.Line($"return {made};");
            return;
        }

        writer.Line($"{shape.Type} made = {made};");
        foreach (int index in later)
        {
            writer.Line($"if ({Has(index)}) made.{shape.Members[index].Name} = {Local(index)};");
        }

        writer.Line("return made;");
    }

    private static bool MayStayOut(MemberModel member) => member.Place is MemberPlace.Initialiser or MemberPlace.Setter;

    private static string Local(int index) => "member" + Text(index);

    private static string Has(int index) => "has" + Text(index);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
