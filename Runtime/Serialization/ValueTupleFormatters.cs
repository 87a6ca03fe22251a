using System.ComponentModel;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Serialization;

/// <summary>Formats tuples of 1: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter> : IFormatter<ValueTuple<T1>>
    where T1Formatter : struct, IFormatter<T1>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1> value)
    {
        writer.WriteArrayHeader(1);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 1);
        reader.LeaveNested();
        return new(item1);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1> Copy(ValueTuple<T1> value) => new(T1Formatter.Copy(value.Item1));
}

/// <summary>Formats tuples of 2: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter> : IFormatter<ValueTuple<T1, T2>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2> value)
    {
        writer.WriteArrayHeader(2);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 2);
        reader.LeaveNested();
        return new(item1, item2);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2> Copy(ValueTuple<T1, T2> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2));
}

/// <summary>Formats tuples of 3: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter, T3, T3Formatter> : IFormatter<ValueTuple<T1, T2, T3>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
    where T3Formatter : struct, IFormatter<T3>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2, T3> value)
    {
        writer.WriteArrayHeader(3);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        T3Formatter.Encode(ref writer, value.Item3);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        T3 item3 = count > 2 ? T3Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 3);
        reader.LeaveNested();
        return new(item1, item2, item3);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3> Copy(ValueTuple<T1, T2, T3> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2), T3Formatter.Copy(value.Item3));
}

/// <summary>Formats tuples of 4: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter, T3, T3Formatter, T4, T4Formatter> : IFormatter<ValueTuple<T1, T2, T3, T4>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
    where T3Formatter : struct, IFormatter<T3>
    where T4Formatter : struct, IFormatter<T4>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2, T3, T4> value)
    {
        writer.WriteArrayHeader(4);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        T3Formatter.Encode(ref writer, value.Item3);
        T4Formatter.Encode(ref writer, value.Item4);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        T3 item3 = count > 2 ? T3Formatter.Decode(ref reader) : default!;
        T4 item4 = count > 3 ? T4Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 4);
        reader.LeaveNested();
        return new(item1, item2, item3, item4);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4> Copy(ValueTuple<T1, T2, T3, T4> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2), T3Formatter.Copy(value.Item3), T4Formatter.Copy(value.Item4));
}

/// <summary>Formats tuples of 5: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter, T3, T3Formatter, T4, T4Formatter, T5, T5Formatter> : IFormatter<ValueTuple<T1, T2, T3, T4, T5>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
    where T3Formatter : struct, IFormatter<T3>
    where T4Formatter : struct, IFormatter<T4>
    where T5Formatter : struct, IFormatter<T5>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2, T3, T4, T5> value)
    {
        writer.WriteArrayHeader(5);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        T3Formatter.Encode(ref writer, value.Item3);
        T4Formatter.Encode(ref writer, value.Item4);
        T5Formatter.Encode(ref writer, value.Item5);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        T3 item3 = count > 2 ? T3Formatter.Decode(ref reader) : default!;
        T4 item4 = count > 3 ? T4Formatter.Decode(ref reader) : default!;
        T5 item5 = count > 4 ? T5Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 5);
        reader.LeaveNested();
        return new(item1, item2, item3, item4, item5);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5> Copy(ValueTuple<T1, T2, T3, T4, T5> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2), T3Formatter.Copy(value.Item3), T4Formatter.Copy(value.Item4), T5Formatter.Copy(value.Item5));
}

/// <summary>Formats tuples of 6: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter, T3, T3Formatter, T4, T4Formatter, T5, T5Formatter, T6, T6Formatter> : IFormatter<ValueTuple<T1, T2, T3, T4, T5, T6>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
    where T3Formatter : struct, IFormatter<T3>
    where T4Formatter : struct, IFormatter<T4>
    where T5Formatter : struct, IFormatter<T5>
    where T6Formatter : struct, IFormatter<T6>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6> value)
    {
        writer.WriteArrayHeader(6);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        T3Formatter.Encode(ref writer, value.Item3);
        T4Formatter.Encode(ref writer, value.Item4);
        T5Formatter.Encode(ref writer, value.Item5);
        T6Formatter.Encode(ref writer, value.Item6);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5, T6> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        T3 item3 = count > 2 ? T3Formatter.Decode(ref reader) : default!;
        T4 item4 = count > 3 ? T4Formatter.Decode(ref reader) : default!;
        T5 item5 = count > 4 ? T5Formatter.Decode(ref reader) : default!;
        T6 item6 = count > 5 ? T6Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 6);
        reader.LeaveNested();
        return new(item1, item2, item3, item4, item5, item6);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5, T6> Copy(ValueTuple<T1, T2, T3, T4, T5, T6> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2), T3Formatter.Copy(value.Item3), T4Formatter.Copy(value.Item4), T5Formatter.Copy(value.Item5), T6Formatter.Copy(value.Item6));
}

/// <summary>Formats tuples of 7: an array. Surplus elements are skipped, missing ones take defaults.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct ValueTupleFormatter<T1, T1Formatter, T2, T2Formatter, T3, T3Formatter, T4, T4Formatter, T5, T5Formatter, T6, T6Formatter, T7, T7Formatter> : IFormatter<ValueTuple<T1, T2, T3, T4, T5, T6, T7>>
    where T1Formatter : struct, IFormatter<T1>
    where T2Formatter : struct, IFormatter<T2>
    where T3Formatter : struct, IFormatter<T3>
    where T4Formatter : struct, IFormatter<T4>
    where T5Formatter : struct, IFormatter<T5>
    where T6Formatter : struct, IFormatter<T6>
    where T7Formatter : struct, IFormatter<T7>
{
    /// <inheritdoc/>
    public static void Encode(ref MessagePackWriter writer, ValueTuple<T1, T2, T3, T4, T5, T6, T7> value)
    {
        writer.WriteArrayHeader(7);
        writer.EnterNested();
        T1Formatter.Encode(ref writer, value.Item1);
        T2Formatter.Encode(ref writer, value.Item2);
        T3Formatter.Encode(ref writer, value.Item3);
        T4Formatter.Encode(ref writer, value.Item4);
        T5Formatter.Encode(ref writer, value.Item5);
        T6Formatter.Encode(ref writer, value.Item6);
        T7Formatter.Encode(ref writer, value.Item7);
        writer.LeaveNested();
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5, T6, T7> Decode(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        reader.EnterNested();
        T1 item1 = count > 0 ? T1Formatter.Decode(ref reader) : default!;
        T2 item2 = count > 1 ? T2Formatter.Decode(ref reader) : default!;
        T3 item3 = count > 2 ? T3Formatter.Decode(ref reader) : default!;
        T4 item4 = count > 3 ? T4Formatter.Decode(ref reader) : default!;
        T5 item5 = count > 4 ? T5Formatter.Decode(ref reader) : default!;
        T6 item6 = count > 5 ? T6Formatter.Decode(ref reader) : default!;
        T7 item7 = count > 6 ? T7Formatter.Decode(ref reader) : default!;
        Elements.SkipBeyond(ref reader, count, 7);
        reader.LeaveNested();
        return new(item1, item2, item3, item4, item5, item6, item7);
    }

    /// <inheritdoc/>
    public static ValueTuple<T1, T2, T3, T4, T5, T6, T7> Copy(ValueTuple<T1, T2, T3, T4, T5, T6, T7> value) => new(T1Formatter.Copy(value.Item1), T2Formatter.Copy(value.Item2), T3Formatter.Copy(value.Item3), T4Formatter.Copy(value.Item4), T5Formatter.Copy(value.Item5), T6Formatter.Copy(value.Item6), T7Formatter.Copy(value.Item7));
}
