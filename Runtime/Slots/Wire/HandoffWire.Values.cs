using System.Text;
using Kameo.Actors.Slots.Maps;
using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Slots.Wire;

/// <summary>Ids, slots, sections and records.</summary>
internal static partial class HandoffWire
{
    private const int SectionElements = 4;
    private const int RecordElements = 8;

    private static void Write(ref MessagePackWriter writer, in ActorId id) => writer.WriteBinary(id.ToTarget().Id);

    private static ActorId ReadActor(ref MessagePackReader reader)
    {
        Require(ActorId.TryRead(reader.ReadBinary(), out ActorId id), "an actor has a class and a key");
        return id;
    }

    private static void Write(ref MessagePackWriter writer, in MemberId id)
    {
        Span<byte> peer = stackalloc byte[PeerId.Bytes];
        id.Peer.CopyTo(peer);
        writer.WriteBinary(id.IsNone ? [] : peer);
        writer.Write(id.Incarnation.Value);
    }

    private static MemberId ReadMember(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> peer = reader.ReadBinary();
        Require(peer.Length is 0 or PeerId.Bytes, "a peer id has 32 bytes");
        ulong incarnation = reader.ReadUInt64();
        Require(peer.IsEmpty == (incarnation == 0), "nobody has neither a key nor a life");
        return peer.IsEmpty ? default : new MemberId(new PeerId(peer), new Incarnation(incarnation));
    }

    private static MemberId ReadSomebody(ref MessagePackReader reader)
    {
        MemberId id = ReadMember(ref reader);
        Require(!id.IsNone, "somebody is meant");
        return id;
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<string> types)
    {
        writer.WriteArrayHeader(types.Count);
        foreach (string type in types)
        {
            writer.WriteString(type);
        }
    }

    private static string[] ReadTypes(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        Require(count is > 0 and <= HandoffLimits.TypesMax, "types are some and bounded");
        string[] types = new string[count];
        for (int i = 0; i < count; i++)
        {
            types[i] = ReadType(ref reader);
        }

        return types;
    }

    private static string ReadType(ref MessagePackReader reader)
    {
        Require(reader.ReadUtf8Span(out ReadOnlySpan<byte> utf8) && utf8.Length is > 0 and <= ActorId.ClassNameBytesMax, "a type has a name of bounded length");
        return Encoding.UTF8.GetString(utf8);
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<SlotSection> sections)
    {
        writer.WriteArrayHeader(sections.Count);
        foreach (SlotSection section in sections)
        {
            writer.WriteArrayHeader(SectionElements);
            Write(ref writer, section.Types);
            writer.WriteArrayHeader(section.Ranges.Count * 2);
            foreach (SlotRange range in section.Ranges)
            {
                writer.Write(range.First);
                writer.Write(range.Count);
            }

            writer.Write(section.Acquired);
            writer.Write(section.IsForgotten);
        }
    }

    private static SlotSection[] ReadSections(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= HandoffLimits.TypesMax, "sections are bounded");
        var sections = new SlotSection[count];
        long slots = 0;
        for (int i = 0; i < count; i++)
        {
            int elements = reader.ReadArrayHeader();
            Need(elements, SectionElements);
            string[] types = ReadTypes(ref reader);
            SlotRange[] ranges = ReadRanges(ref reader);
            foreach (SlotRange range in ranges)
            {
                slots += range.Count;
            }

            Require(slots <= HandoffLimits.SlotsPerFrameMax, "the slots of all sections are bounded");
            sections[i] = new SlotSection(types, ranges, ReadCount(ref reader), reader.ReadBoolean());
            Skip(ref reader, elements - SectionElements);
        }

        return sections;
    }

    private static SlotRange[] ReadRanges(ref MessagePackReader reader)
    {
        int elements = reader.ReadArrayHeader();
        Require(elements % 2 == 0 && elements / 2 <= HandoffLimits.RangesMax, "ranges are bounded");
        var ranges = new SlotRange[elements / 2];
        int end = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = new SlotRange(ReadSmall(ref reader, HandoffLimits.SlotsMax), ReadSmall(ref reader, HandoffLimits.SlotsMax));
            Require(ranges[i].Count > 0 && ranges[i].First >= end && ranges[i].End <= HandoffLimits.SlotsMax, "ranges rise, are not empty and end within the slots");
            end = ranges[i].End;
        }

        return ranges;
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<ActorRecord> records)
    {
        writer.WriteArrayHeader(records.Count);
        foreach (ActorRecord record in records)
        {
            writer.WriteArrayHeader(RecordElements);
            Write(ref writer, record.Id);
            writer.Write(record.Slot);
            Write(ref writer, record.Host);
            writer.Write(record.Fence);
            Write(ref writer, record.Through);
            writer.Write(record.IsEnding);
        }
    }

    private static ActorRecord[] ReadRecords(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= HandoffLimits.RecordsPerFrameMax, "the records of a frame are bounded");
        var records = new ActorRecord[count];
        for (int i = 0; i < count; i++)
        {
            int elements = reader.ReadArrayHeader();
            Need(elements, RecordElements);
            records[i] = new ActorRecord(ReadActor(ref reader), ReadSlot(ref reader), ReadSomebody(ref reader), ReadCount(ref reader), ReadMember(ref reader), reader.ReadBoolean());
            Skip(ref reader, elements - RecordElements);
        }

        return records;
    }

    private static int ReadSlot(ref MessagePackReader reader) => ReadSmall(ref reader, HandoffLimits.SlotsMax - 1);

    private static int ReadSmall(ref MessagePackReader reader, int max)
    {
        int value = reader.ReadInt32();
        Require(value >= 0 && value <= max, "a number is in its range");
        return value;
    }

    private static long ReadCount(ref MessagePackReader reader)
    {
        long count = reader.ReadInt64();
        Require(count is >= 0 and < long.MaxValue / 4, "epochs and numbers are not negative and far from the end of their range");
        return count;
    }

    private static void Skip(ref MessagePackReader reader, int elements)
    {
        for (; elements > 0; elements--)
        {
            reader.Skip();
        }
    }

    private static void Need(int count, int atLeast) => Require(count >= atLeast, "a message has all its elements");

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new MessagePackException($"Refused, since {what}.");
        }
    }
}
