using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Views.Wire;

/// <summary>Ids, members, views and log entries.</summary>
internal static partial class ViewWire
{
    /// <summary>Texts in one list: addresses, labels, types of one member. Above what a node hosts, below what would make a frame of joins large.</summary>
    private const int TextsMax = 4096;

    private static void Write(ref MessagePackWriter writer, ClusterId id)
    {
        writer.Write(id.High);
        writer.Write(id.Low);
    }

    private static ClusterId ReadCluster(ref MessagePackReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    private static void Write(ref MessagePackWriter writer, in MemberId id)
    {
        Span<byte> peer = stackalloc byte[PeerId.Bytes];
        id.Peer.CopyTo(peer);
        writer.WriteBinary(peer);
        writer.Write(id.Incarnation.Value);
    }

    private static MemberId ReadMemberId(ref MessagePackReader reader)
    {
        ReadOnlySpan<byte> peer = reader.ReadBinary();
        Require(peer.Length == PeerId.Bytes, "a peer id has 32 bytes");
        return new MemberId(new PeerId(peer), new Incarnation(reader.ReadUInt64()));
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<MemberId> ids)
    {
        writer.WriteArrayHeader(ids.Count * 2);
        foreach (MemberId id in ids)
        {
            Write(ref writer, id);
        }
    }

    private static MemberId[] ReadIds(ref MessagePackReader reader, int max)
    {
        int elements = reader.ReadArrayHeader();
        Require(elements % 2 == 0 && elements / 2 <= max, "a list of members is bounded");
        var ids = new MemberId[elements / 2];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = ReadMemberId(ref reader);
        }

        return ids;
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteArrayHeader(texts.Count);
        foreach (string text in texts)
        {
            writer.WriteString(text);
        }
    }

    private static string[] ReadTexts(ref MessagePackReader reader)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= TextsMax, "a list of texts is bounded");
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
        {
            texts[i] = ReadText(ref reader);
        }

        return texts;
    }

    private static string ReadText(ref MessagePackReader reader) => reader.ReadString() ?? throw new MessagePackException("Refused, since a text is not nil.");

    private static void Write(ref MessagePackWriter writer, Member member)
    {
        writer.WriteArrayHeader(13);
        Write(ref writer, member.Id);
        writer.WriteString(member.Address);
        writer.Write(member.JoinIndex);
        writer.Write(member.Weight);
        Write(ref writer, member.Labels);
        Write(ref writer, member.HostedTypes);
        writer.Write(member.ProtocolMin);
        writer.Write(member.ProtocolMax);
        writer.Write((byte)member.State);
        writer.Write(member.Terms.LeaseMilliseconds);
        writer.Write(member.Terms.DriftPercent);
        writer.Write(member.Terms.GuardMilliseconds);
    }

    private static Member ReadMember(ref MessagePackReader reader)
    {
        Need(reader.ReadArrayHeader(), 13);
        Member member = new()
        {
            Id = ReadMemberId(ref reader),
            Address = ReadText(ref reader),
            JoinIndex = ReadCount(ref reader),
            Weight = ReadSmallCount(ref reader),
            Labels = ReadTexts(ref reader),
            HostedTypes = ReadTexts(ref reader),
            ProtocolMin = reader.ReadByte(),
            ProtocolMax = reader.ReadByte(),
            State = (MemberState)reader.ReadByte(),
            Terms = new LeaseTerms(ReadSmallCount(ref reader), ReadSmallCount(ref reader), ReadSmallCount(ref reader)),
        };
        Require(!member.Id.IsNone && Enum.IsDefined(member.State) && member.ProtocolMin <= member.ProtocolMax, "a member is somebody, in a state, with a range of versions");
        return member;
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<Member> members)
    {
        writer.WriteArrayHeader(members.Count);
        foreach (Member member in members)
        {
            Write(ref writer, member);
        }
    }

    private static Member[] ReadMembers(ref MessagePackReader reader, int max)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= max, "a list of members is bounded");
        var members = new Member[count];
        for (int i = 0; i < count; i++)
        {
            members[i] = ReadMember(ref reader);
        }

        return members;
    }

    private static void Write(ref MessagePackWriter writer, LogPoint? point)
    {
        if (point is null)
        {
            writer.WriteNil();
            return;
        }

        View view = point.View;
        writer.WriteArrayHeader(11);
        writer.Write(point.Index);
        writer.Write(point.Term);
        Write(ref writer, view.Cluster);
        writer.Write(view.Epoch);
        writer.Write(view.NextJoinIndex);
        writer.Write(view.WaitsFirst);
        Write(ref writer, view.Members);
        Write(ref writer, view.Stewards);
        Write(ref writer, point.Electorate.Voters);
        if (point.Electorate.Former is { } former)
        {
            Write(ref writer, former);
        }
        else
        {
            writer.WriteNil();
        }
    }

    private static LogPoint? ReadPoint(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
        {
            return null;
        }

        Need(reader.ReadArrayHeader(), 11);
        long index = ReadCount(ref reader);
        long term = ReadCount(ref reader);
        ClusterId cluster = ReadCluster(ref reader);
        long epoch = ReadCount(ref reader);
        long nextJoinIndex = ReadCount(ref reader);
        bool waitsFirst = reader.ReadBoolean();
        Member[] members = ReadMembers(ref reader, ViewLimits.MembersMax);
        MemberId[] stewards = ReadIds(ref reader, ViewLimits.StewardsMax);
        MemberId[] voters = ReadIds(ref reader, ViewLimits.StewardsMax);
        MemberId[]? former = reader.TryReadNil() ? null : ReadIds(ref reader, ViewLimits.StewardsMax);
        Require(index > 0 && !cluster.IsNone && voters.Length > 0 && members.DistinctBy(static member => member.Id).Count() == members.Length, "a settled view is one of a cluster, with each member once");
        return new LogPoint(index, term, null, new View(cluster, epoch, nextJoinIndex, waitsFirst, members, stewards), new Electorate(voters, former));
    }

    private static void Write(ref MessagePackWriter writer, IReadOnlyList<LogEntry> entries)
    {
        writer.WriteArrayHeader(entries.Count);
        foreach (LogEntry entry in entries)
        {
            Write(ref writer, entry);
        }
    }

    private static void Write(ref MessagePackWriter writer, LogEntry entry)
    {
        switch (entry.Kind)
        {
            case LogEntryKind.Change:
                ViewChange change = entry.Change!;
                writer.WriteArrayHeader(7);
                writer.Write(entry.Term);
                writer.Write((byte)entry.Kind);
                Write(ref writer, change.Admitted);
                Write(ref writer, change.Raised);
                Write(ref writer, change.Leaving);
                writer.WriteArrayHeader(change.Removed.Count * 3);
                foreach (Departure departure in change.Removed)
                {
                    Write(ref writer, departure.Id);
                    writer.Write((byte)departure.Cause);
                }

                if (change.Stewards is { } stewards)
                {
                    Write(ref writer, stewards);
                }
                else
                {
                    writer.WriteNil();
                }

                break;
            case LogEntryKind.Settled:
                writer.WriteArrayHeader(3);
                writer.Write(entry.Term);
                writer.Write((byte)entry.Kind);
                writer.Write(entry.SettledEpoch);
                break;
            default:
                writer.WriteArrayHeader(2);
                writer.Write(entry.Term);
                writer.Write((byte)entry.Kind);
                break;
        }
    }

    private static LogEntry[] ReadEntries(ref MessagePackReader reader, long previousIndex, long previousTerm, int max = ViewLimits.EntriesPerAppendMax)
    {
        int count = reader.ReadArrayHeader();
        Require(count <= max, "entries of a frame are bounded");
        var entries = new LogEntry[count];
        long term = previousTerm;
        for (int i = 0; i < count; i++)
        {
            entries[i] = ReadEntry(ref reader, previousIndex + 1 + i);
            Require(entries[i].Term >= term, "terms never fall along the log");
            term = entries[i].Term;
        }

        return entries;
    }

    private static LogEntry ReadEntry(ref MessagePackReader reader, long index)
    {
        int count = reader.ReadArrayHeader();
        Need(count, 2);
        long term = ReadCount(ref reader);
        var kind = (LogEntryKind)reader.ReadByte();
        switch (kind)
        {
            case LogEntryKind.Change:
                Need(count, 7);
                return new LogEntry(index, term, kind, ReadChange(ref reader));
            case LogEntryKind.Settled:
                Need(count, 3);
                return new LogEntry(index, term, kind, SettledEpoch: ReadCount(ref reader));
            default:
                // A later version's: kept without its content, since whoever applies it must stop rather than skip it.
                for (int i = 2; i < count; i++)
                {
                    reader.Skip();
                }

                return new LogEntry(index, term, kind);
        }
    }

    private static ViewChange ReadChange(ref MessagePackReader reader)
    {
        Member[] admitted = ReadMembers(ref reader, ViewLimits.JoinsPerViewMax);
        MemberId[] raised = ReadIds(ref reader, ViewLimits.MembersMax);
        MemberId[] leaving = ReadIds(ref reader, ViewLimits.MembersMax);
        int elements = reader.ReadArrayHeader();
        Require(elements % 3 == 0 && elements / 3 <= ViewLimits.MembersMax, "departures are bounded");
        var removed = new Departure[elements / 3];
        for (int i = 0; i < removed.Length; i++)
        {
            removed[i] = new Departure(ReadMemberId(ref reader), ReadCause(ref reader));
        }

        MemberId[]? stewards = reader.TryReadNil() ? null : ReadIds(ref reader, ViewLimits.StewardsMax);
        Require(stewards is null || stewards.Length > 0, "there is a steward");
        return new ViewChange { Admitted = admitted, Raised = raised, Leaving = leaving, Removed = removed, Stewards = stewards };
    }

    private static DepartureCause ReadCause(ref MessagePackReader reader)
    {
        var cause = (DepartureCause)reader.ReadByte();
        Require(Enum.IsDefined(cause), "a departure has a cause");
        return cause;
    }

    private static long ReadCount(ref MessagePackReader reader)
    {
        long count = reader.ReadInt64();
        Require(count is >= 0 and < long.MaxValue / 4, "terms, indexes and epochs are not negative and far from the end of their range");
        return count;
    }

    private static int ReadSmallCount(ref MessagePackReader reader)
    {
        int count = reader.ReadInt32();
        Require(count >= 0, "counts are not negative");
        return count;
    }
}
