using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Messages;

namespace Kameo.Actors.Transport.Views.Wire;

/// <summary>
/// Messages of views as bytes: an envelope is an array of cluster id, epoch, sender, receiver, kind and body; a body is an array whose surplus elements are skipped. What a receiver relies on is checked here, so
/// that the core is never shown a message that no right node could have sent.
/// </summary>
internal static partial class ViewWire
{
    private const int EnvelopeElements = 9;

    /// <summary>Writes an envelope.</summary>
    public static void Encode(ref MessagePackWriter writer, Envelope envelope)
    {
        writer.WriteArrayHeader(EnvelopeElements);
        Write(ref writer, envelope.Cluster);
        writer.Write(envelope.Epoch);
        Write(ref writer, envelope.From);
        Write(ref writer, envelope.To);
        WriteBody(ref writer, envelope.Message);
    }

    /// <summary>Reads an envelope.</summary>
    /// <returns>Null if its message is of a later version: it is skipped.</returns>
    /// <exception cref="MessagePackException">It is malformed, or says what cannot be.</exception>
    public static Envelope? Decode(ReadOnlySpan<byte> bytes)
    {
        MessagePackReader reader = new(bytes);
        Require(reader.ReadArrayHeader() >= EnvelopeElements, "an envelope has nine elements");
        ClusterId cluster = ReadCluster(ref reader);
        long epoch = ReadCount(ref reader);
        MemberId from = ReadMemberId(ref reader);
        MemberId to = ReadMemberId(ref reader);
        Require(!from.IsNone && !to.IsNone, "a message has a sender and a receiver");
        return ReadBody(ref reader) is { } message ? new Envelope(cluster, epoch, from, to, message) : null;
    }

    private static void WriteBody(ref MessagePackWriter writer, ViewMessage message)
    {
        switch (message)
        {
            case VoteRequest request:
                Head(ref writer, ViewMessageKind.VoteRequest, 5);
                writer.Write(request.Term);
                writer.Write(request.LastIndex);
                writer.Write(request.LastTerm);
                writer.Write(request.IsPreliminary);
                writer.Write(request.IsTransfer);
                break;
            case VoteReply reply:
                Head(ref writer, ViewMessageKind.VoteReply, 3);
                writer.Write(reply.Term);
                writer.Write(reply.IsGranted);
                writer.Write(reply.IsPreliminary);
                break;
            case Append append:
                Head(ref writer, ViewMessageKind.Append, 7);
                writer.Write(append.Term);
                writer.Write(append.Round);
                writer.Write(append.Commit);
                Write(ref writer, append.Base);
                writer.Write(append.PreviousIndex);
                writer.Write(append.PreviousTerm);
                Write(ref writer, append.Entries);
                break;
            case AppendReply reply:
                Head(ref writer, ViewMessageKind.AppendReply, 4);
                writer.Write(reply.Term);
                writer.Write(reply.Round);
                writer.Write(reply.IsAccepted);
                writer.Write(reply.Index);
                break;
            case TimeoutNow timeout:
                Head(ref writer, ViewMessageKind.TimeoutNow, 1);
                writer.Write(timeout.Term);
                break;
            case Fetch fetch:
                Head(ref writer, ViewMessageKind.Fetch, 2);
                writer.Write(fetch.Index);
                writer.Write(fetch.Term);
                break;
            case Feed feed:
                Head(ref writer, ViewMessageKind.Feed, 4);
                Write(ref writer, feed.Base);
                writer.Write(feed.PreviousIndex);
                writer.Write(feed.PreviousTerm);
                Write(ref writer, feed.Entries);
                break;
            case Renew renew:
                Head(ref writer, ViewMessageKind.Renew, 1);
                writer.WriteArrayHeader(renew.Items.Count);
                foreach (Renewal item in renew.Items)
                {
                    writer.WriteArrayHeader(4);
                    Write(ref writer, item.Member);
                    writer.Write(item.Stamp.Ticks);
                    writer.Write(item.ReleasedEpoch);
                }

                break;
            case Grant grant:
                Head(ref writer, ViewMessageKind.Grant, 2);
                writer.Write(grant.GrantEpoch);
                writer.WriteArrayHeader(grant.Items.Count);
                foreach (LeaseGrant item in grant.Items)
                {
                    writer.WriteArrayHeader(3);
                    Write(ref writer, item.Member);
                    writer.Write(item.Stamp.Ticks);
                }

                break;
            default:
                WriteSmallBody(ref writer, message);
                break;
        }
    }

    private static ViewMessage? ReadBody(ref MessagePackReader reader)
    {
        var kind = (ViewMessageKind)reader.ReadByte();
        int count = reader.ReadArrayHeader();
        switch (kind)
        {
            case ViewMessageKind.VoteRequest:
                Need(count, 5);
                return new VoteRequest(ReadCount(ref reader), ReadCount(ref reader), ReadCount(ref reader), reader.ReadBoolean(), reader.ReadBoolean());
            case ViewMessageKind.VoteReply:
                Need(count, 3);
                return new VoteReply(ReadCount(ref reader), reader.ReadBoolean(), reader.ReadBoolean());
            case ViewMessageKind.Append:
                Need(count, 7);
                return ReadAppend(ref reader);
            case ViewMessageKind.AppendReply:
                Need(count, 4);
                return new AppendReply(ReadCount(ref reader), ReadCount(ref reader), reader.ReadBoolean(), ReadCount(ref reader));
            case ViewMessageKind.TimeoutNow:
                Need(count, 1);
                return new TimeoutNow(ReadCount(ref reader));
            case ViewMessageKind.Fetch:
                Need(count, 2);
                return new Fetch(ReadCount(ref reader), ReadCount(ref reader));
            case ViewMessageKind.Feed:
                Need(count, 4);
                return ReadFeed(ref reader);
            case ViewMessageKind.Renew:
                Need(count, 1);
                return ReadRenew(ref reader);
            case ViewMessageKind.Grant:
                Need(count, 2);
                return ReadGrant(ref reader);
            default:
                return ReadSmallBody(ref reader, kind, count);
        }
    }

    private static Append ReadAppend(ref MessagePackReader reader)
    {
        long term = ReadCount(ref reader);
        long round = ReadCount(ref reader);
        long commit = ReadCount(ref reader);
        Log.LogPoint? start = ReadPoint(ref reader);
        long previousIndex = ReadCount(ref reader);
        long previousTerm = ReadCount(ref reader);
        Log.LogEntry[] entries = ReadEntries(ref reader, previousIndex, previousTerm);
        Require(previousTerm <= term && (entries.Length == 0 || entries[^1].Term <= term), "a leader has no entry of a later term than its own");
        return new Append(term, round, start, previousIndex, previousTerm, entries, commit);
    }

    private static Feed ReadFeed(ref MessagePackReader reader)
    {
        Log.LogPoint? start = ReadPoint(ref reader);
        long previousIndex = ReadCount(ref reader);
        long previousTerm = ReadCount(ref reader);
        return new Feed(start, previousIndex, previousTerm, ReadEntries(ref reader, previousIndex, previousTerm));
    }

    private static Renew ReadRenew(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= ViewLimits.RenewalsMax, "renewals are bounded");
        var items = new Renewal[count];
        for (int i = 0; i < count; i++)
        {
            Need(reader.ReadArrayHeader(), 4);
            items[i] = new Renewal(ReadMemberId(ref reader), new TimeSpan(reader.ReadInt64()), ReadCount(ref reader));
        }

        return new Renew(items);
    }

    private static Grant ReadGrant(ref MessagePackReader reader)
    {
        long epoch = ReadCount(ref reader);
        int count = reader.ReadArrayHeader();
        Require(count <= ViewLimits.RenewalsMax, "grants are bounded");
        var items = new LeaseGrant[count];
        for (int i = 0; i < count; i++)
        {
            Need(reader.ReadArrayHeader(), 3);
            items[i] = new LeaseGrant(ReadMemberId(ref reader), new TimeSpan(reader.ReadInt64()));
        }

        return new Grant(epoch, items);
    }

    private static void Head(ref MessagePackWriter writer, ViewMessageKind kind, int elements)
    {
        writer.Write((byte)kind);
        writer.WriteArrayHeader(elements);
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
