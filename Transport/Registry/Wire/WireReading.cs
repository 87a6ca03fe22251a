using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Registry.Wire;

/// <summary>What the messages share when they are read.</summary>
internal static class WireReading
{
    /// <summary>Reads the header of a record of known fields.</summary>
    /// <returns>How many fields follow them that a later version added.</returns>
    public static int ReadFields(ref MessagePackReader reader, int atLeast, string what)
    {
        int count = reader.ReadArrayHeader();
        return count >= atLeast ? count - atLeast : throw new MessagePackException($"{what} has at least {atLeast} fields, not {count}.");
    }

    /// <summary>Leaves out what a later version added.</summary>
    public static void Skip(ref MessagePackReader reader, int count)
    {
        for (int index = 0; index < count; index++)
        {
            reader.Skip();
        }
    }

    /// <summary>Reads how far a rising number rises.</summary>
    public static void ReadRise(ref MessagePackReader reader, ref ulong value, ulong max)
    {
        ulong rise = reader.ReadUInt64();
        if (rise == 0 || rise > max - value)
        {
            throw new MessagePackException($"A number after {value} must rise, to at most {max}, not by {rise}.");
        }

        value += rise;
    }

    /// <summary>Reads the header of a flat array of records.</summary>
    public static int ReadFlatHeader(ref MessagePackReader reader, int fields, int countMax, string what)
    {
        int count = reader.ReadArrayHeader();
        return count % fields == 0 && count / fields <= countMax
            ? count / fields
            : throw new MessagePackException($"{what} come in groups of {fields}, at most {countMax}, not {count} numbers.");
    }

    /// <summary>Bytes of an integer in its shortest form.</summary>
    public static int BytesOf(ulong value) => value switch
    {
        <= 0x7f => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };
}
