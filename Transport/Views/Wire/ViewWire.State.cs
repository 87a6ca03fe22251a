using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Views.Wire;

/// <summary>What a state directory holds.</summary>
internal static partial class ViewWire
{
    private const byte StateVersion = 1;

    /// <summary>Writes the state of a steward.</summary>
    public static void Encode(ref MessagePackWriter writer, StewardState state)
    {
        writer.WriteArrayHeader(9);
        writer.Write(StateVersion);
        Write(ref writer, state.Self);
        writer.Write(state.Term);
        Write(ref writer, state.VotedFor);
        writer.Write(state.CommitIndex);
        Write(ref writer, state.Base);
        Write(ref writer, state.Entries);
    }

    /// <summary>Writes a view, for a client that follows.</summary>
    public static void Encode(ref MessagePackWriter writer, View view) => Write(ref writer, new LogPoint(1, 0, null, view, new Electorate(view.Stewards, null)));

    /// <summary>Reads a view.</summary>
    /// <exception cref="MessagePackException">It is malformed, or says what cannot be.</exception>
    public static View DecodeView(ReadOnlySpan<byte> bytes)
    {
        MessagePackReader reader = new(bytes);
        return (ReadPoint(ref reader) ?? throw new MessagePackException("Refused, since there is no view.")).View;
    }

    /// <summary>Reads the state of a steward.</summary>
    /// <exception cref="MessagePackException">It is malformed, of another version, or says what cannot be.</exception>
    public static StewardState DecodeState(ReadOnlySpan<byte> bytes)
    {
        MessagePackReader reader = new(bytes);
        Need(reader.ReadArrayHeader(), 9);
        Require(reader.ReadByte() == StateVersion, "the state is of a version that is known");
        MemberId self = ReadMemberId(ref reader);
        long term = ReadCount(ref reader);
        MemberId votedFor = ReadMemberId(ref reader);
        long commitIndex = ReadCount(ref reader);
        LogPoint start = ReadPoint(ref reader) ?? throw new MessagePackException("Refused, since a log has a base.");
        LogEntry[] entries = ReadEntries(ref reader, start.Index, start.Term, int.MaxValue);
        Require(!self.IsNone && term >= start.Term && (entries.Length == 0 || entries[^1].Term <= term) && commitIndex <= start.Index + entries.Length, "a state is one that a node was in");
        return new StewardState(self, term, votedFor, start, entries, commitIndex);
    }
}
