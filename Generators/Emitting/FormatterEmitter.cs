using System.Globalization;
using Kameo.Actors.Generators.Models;

namespace Kameo.Actors.Generators.Emitting;

/// <summary>Writes the formatter of one type.</summary>
internal static class FormatterEmitter
{
    /// <summary>What a copy of a recursive type begins with.</summary>
    public const string StackGuard = "global::System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack(); // A value that contains itself fails here instead of ending the process.";

    private const string Writer = "ref global::Kameo.Actors.Transport.MessagePack.MessagePackWriter writer";
    private const string Elements = "global::Kameo.Actors.Serialization.Elements";

    /// <summary>Writes the file.</summary>
    public static string Emit(ShapeModel shape, string assembly)
    {
        var writer = new SourceWriter();
        writer.Open($"namespace Kameo.Actors.Generated.{assembly}");
        if (shape.ValueBytes != 0)
        {
            writer.Line("/// <summary>How a type lies in memory.</summary>");
            writer.Open($"internal readonly struct {shape.FormatterName} : global::Kameo.Actors.Serialization.IValueLayout");
            return writer.Line($"public static int Bytes => {Text(shape.ValueBytes)};").Close().Close().ToString();
        }

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
            DecodeEmitter.Emit(writer, shape);
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
                writer.Line($"writer.WriteUtf8({SourceWriter.Quote(member.Key)}u8);");
            }

            writer.Line($"{member.Value.Formatter}.Encode(ref writer, value.{member.Name});");
        }

        writer.Line("writer.LeaveNested();").Close();
    }

    private static void Copy(SourceWriter writer, ShapeModel shape)
    {
        if (shape.IsImmutable && !shape.IsReference)
        {
            writer.Line($"public static {shape.Type} Copy({shape.Type} value) => value;");
            return;
        }

        writer.Open($"public static {shape.Type} Copy({shape.Type} value)");
        if (shape.IsImmutable)
        {
            // What does not travel does not pass locally either. Of a sealed class nothing is left of this when it is compiled.
            writer.Open($"if (value is not null && value.GetType() != typeof({shape.Type}))").Line($"{Elements}.ThrowDerived(value, typeof({shape.Type}));").Close().Line();
            writer.Line("return value!;").Close();
            return;
        }

        if (shape.IsReference)
        {
            writer.Open("if (value is null)").Line("return null!;").Close().Line();
            writer.Open($"if (value.GetType() != typeof({shape.Type}))").Line($"{Elements}.ThrowDerived(value, typeof({shape.Type}));").Close().Line();
        }

        if (shape.IsRecursive)
        {
            writer.Line(StackGuard);
        }

        writer.Line($"return {Construct(shape, static (member, _) => $"{member.Value.Formatter}.Copy(value.{member.Name})", static _ => true)};").Close();
    }

    /// <summary>An expression that makes an object.</summary>
    /// <param name="shape">Of what.</param>
    /// <param name="value">The value of a member.</param>
    /// <param name="isSet">Which members that the constructor does not take are set; required ones always are.</param>
    public static string Construct(ShapeModel shape, Func<MemberModel, int, string> value, Func<MemberModel, bool> isSet)
    {
        string arguments = string.Join(", ", shape.ConstructorMembers.Select(index => value(shape.Members[index], index)));
        string[] set = [.. shape.Members
            .Select((member, index) => (Member: member, Text: $"{member.Name} = {value(member, index)}"))
            .Where(one => one.Member.Place == MemberPlace.Required || (one.Member.Place != MemberPlace.Constructor && isSet(one.Member)))
            .Select(static one => one.Text)];
        return set.Length == 0 ? $"new {shape.Type}({arguments})" : $"new {shape.Type}({arguments}) {{ {string.Join(", ", set)} }}";
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
