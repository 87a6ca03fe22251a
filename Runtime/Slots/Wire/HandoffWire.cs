using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Slots.Wire;

/// <summary>
/// Messages of hand-off as bytes: an array of kind, epoch and what the kind has, whose surplus elements are skipped. What a receiver relies on is checked here before anything is allocated for it, so that the core is never
/// shown what no right node could have sent. Who sent a message, and in which cluster, its connection says.
/// </summary>
internal static partial class HandoffWire
{
    private const int HeadElements = 2;

    /// <summary>Writes a message.</summary>
    public static void Encode(ref MessagePackWriter writer, HandoffMessage message)
    {
        switch (message)
        {
            case AskRelease ask:
                Head(ref writer, HandoffMessageKind.AskRelease, ask.Epoch, 1);
                Write(ref writer, ask.Sections);
                break;
            case Released released:
                Head(ref writer, HandoffMessageKind.Released, released.Epoch, 5);
                WriteAnswer(ref writer, released.Series, released.Part, released.IsLast, released.Sections, released.Records);
                break;
            case Superseded superseded:
                Head(ref writer, HandoffMessageKind.Superseded, superseded.Epoch, 0);
                break;
            case Recover recover:
                Head(ref writer, HandoffMessageKind.Recover, recover.Epoch, 1);
                Write(ref writer, recover.Sections);
                break;
            case Recovered recovered:
                Head(ref writer, HandoffMessageKind.Recovered, recovered.Epoch, 5);
                WriteAnswer(ref writer, recovered.Series, recovered.Part, recovered.IsLast, recovered.Sections, recovered.Records);
                break;
            case Flush flush:
                Head(ref writer, HandoffMessageKind.Flush, flush.Epoch, 6);
                Write(ref writer, flush.Types);
                writer.Write(flush.Slot);
                Write(ref writer, flush.Origin);
                writer.Write(flush.Token);
                writer.Write(flush.HopsLeft);
                break;
            case Flushed flushed:
                Head(ref writer, HandoffMessageKind.Flushed, flushed.Epoch, 3);
                Write(ref writer, flushed.Types);
                writer.Write(flushed.Slot);
                writer.Write(flushed.Token);
                break;
            case Moved moved:
                Head(ref writer, HandoffMessageKind.Moved, moved.Epoch, 2);
                writer.WriteString(moved.Type);
                writer.Write(moved.Slot);
                break;
            default:
                EncodeOfActor(ref writer, message);
                break;
        }
    }

    /// <summary>Reads a message.</summary>
    /// <returns>Null if it is of a later version: it is skipped.</returns>
    /// <exception cref="MessagePackException">It is malformed, or says what cannot be.</exception>
    public static HandoffMessage? Decode(ReadOnlySpan<byte> bytes)
    {
        MessagePackReader reader = new(bytes);
        int count = reader.ReadArrayHeader() - HeadElements;
        Require(count >= 0, "a message has a kind and an epoch");
        var kind = (HandoffMessageKind)reader.ReadByte();
        long epoch = ReadCount(ref reader);
        switch (kind)
        {
            case HandoffMessageKind.AskRelease:
                Need(count, 1);
                return new AskRelease(epoch, ReadSections(ref reader));
            case HandoffMessageKind.Released:
                Need(count, 5);
                return new Released(epoch, ReadCount(ref reader), ReadSmall(ref reader, int.MaxValue), reader.ReadBoolean(), ReadSections(ref reader), ReadRecords(ref reader));
            case HandoffMessageKind.Superseded:
                return new Superseded(epoch);
            case HandoffMessageKind.Recover:
                Need(count, 1);
                return new Recover(epoch, ReadSections(ref reader));
            case HandoffMessageKind.Recovered:
                Need(count, 5);
                return new Recovered(epoch, ReadCount(ref reader), ReadSmall(ref reader, int.MaxValue), reader.ReadBoolean(), ReadSections(ref reader), ReadRecords(ref reader));
            case HandoffMessageKind.Flush:
                Need(count, 6);
                return new Flush(epoch, ReadTypes(ref reader), ReadSlot(ref reader), ReadSomebody(ref reader), ReadCount(ref reader), ReadSmall(ref reader, HandoffLimits.MessageHopsMax));
            case HandoffMessageKind.Flushed:
                Need(count, 3);
                return new Flushed(epoch, ReadTypes(ref reader), ReadSlot(ref reader), ReadCount(ref reader));
            case HandoffMessageKind.Moved:
                Need(count, 2);
                return new Moved(epoch, ReadType(ref reader), ReadSlot(ref reader));
            default:
                return DecodeOfActor(ref reader, kind, count, epoch);
        }
    }

    private static void EncodeOfActor(ref MessagePackWriter writer, HandoffMessage message)
    {
        switch (message)
        {
            case FlushRecord flush:
                Head(ref writer, HandoffMessageKind.FlushRecord, flush.Epoch, 8, flush.Id, flush.Slot);
                Write(ref writer, flush.Origin);
                Write(ref writer, flush.Host);
                Write(ref writer, flush.Through);
                break;
            case RecordFlushed flushed:
                Head(ref writer, HandoffMessageKind.RecordFlushed, flushed.Epoch, 4, flushed.Id, flushed.Slot);
                Write(ref writer, flushed.Through);
                break;
            case Place place:
                Head(ref writer, HandoffMessageKind.Place, place.Epoch, 3, place.Id, place.Slot);
                writer.Write(place.Fence);
                break;
            case End end:
                Head(ref writer, HandoffMessageKind.End, end.Epoch, 2, end.Id, end.Slot);
                break;
            case Absent absent:
                Head(ref writer, HandoffMessageKind.Absent, absent.Epoch, 2, absent.Id, absent.Slot);
                break;
            case Unregister unregister:
                Head(ref writer, HandoffMessageKind.Unregister, unregister.Epoch, 5, unregister.Id, unregister.Slot);
                Write(ref writer, unregister.Host);
                writer.Write(unregister.HopsLeft);
                break;
            case Last last:
                Head(ref writer, HandoffMessageKind.Last, last.Epoch, 3, last.Id, last.Slot);
                writer.Write(last.Number);
                break;
            case Closed closed:
                Head(ref writer, HandoffMessageKind.Closed, closed.Epoch, 9, closed.Id, closed.Slot);
                Write(ref writer, closed.Host);
                Write(ref writer, closed.Owner);
                writer.Write(closed.Number);
                writer.Write(closed.IsHere);
                writer.Write(closed.HopsLeft);
                break;
            default:
                throw new InvalidOperationException($"{message.GetType().Name} has no bytes.");
        }
    }

    private static HandoffMessage? DecodeOfActor(ref MessagePackReader reader, HandoffMessageKind kind, int count, long epoch)
    {
        if (!Enum.IsDefined(kind))
        {
            return null;
        }

        Need(count, 2);
        ActorId id = ReadActor(ref reader);
        int slot = ReadSlot(ref reader);
        switch (kind)
        {
            case HandoffMessageKind.FlushRecord:
                Need(count, 8);
                return new FlushRecord(epoch, id, slot, ReadSomebody(ref reader), ReadSomebody(ref reader), ReadSomebody(ref reader));
            case HandoffMessageKind.RecordFlushed:
                Need(count, 4);
                return new RecordFlushed(epoch, id, slot, ReadSomebody(ref reader));
            case HandoffMessageKind.Place:
                Need(count, 3);
                return new Place(epoch, id, slot, ReadCount(ref reader));
            case HandoffMessageKind.End:
                return new End(epoch, id, slot);
            case HandoffMessageKind.Absent:
                return new Absent(epoch, id, slot);
            case HandoffMessageKind.Unregister:
                Need(count, 5);
                return new Unregister(epoch, id, slot, ReadSomebody(ref reader), ReadSmall(ref reader, HandoffLimits.MessageHopsMax));
            case HandoffMessageKind.Last:
                Need(count, 3);
                return new Last(epoch, id, slot, ReadCount(ref reader));
            default:
                Need(count, 9);
                return new Closed(epoch, id, slot, ReadSomebody(ref reader), ReadSomebody(ref reader), ReadCount(ref reader), reader.ReadBoolean(), ReadSmall(ref reader, HandoffLimits.MessageHopsMax));
        }
    }

    private static void WriteAnswer(ref MessagePackWriter writer, long series, int part, bool isLast, IReadOnlyList<SlotSection> sections, IReadOnlyList<ActorRecord> records)
    {
        writer.Write(series);
        writer.Write(part);
        writer.Write(isLast);
        Write(ref writer, sections);
        Write(ref writer, records);
    }

    private static void Head(ref MessagePackWriter writer, HandoffMessageKind kind, long epoch, int elements)
    {
        writer.WriteArrayHeader(HeadElements + elements);
        writer.Write((byte)kind);
        writer.Write(epoch);
    }

    private static void Head(ref MessagePackWriter writer, HandoffMessageKind kind, long epoch, int elements, in ActorId id, int slot)
    {
        Head(ref writer, kind, epoch, elements);
        Write(ref writer, id);
        writer.Write(slot);
    }
}
