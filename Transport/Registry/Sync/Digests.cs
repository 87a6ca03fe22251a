using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry.Sync;

/// <summary>Anti-entropy: now and then compares with one random peer what both know, and asks for what differs. Finds whatever gossip lost.</summary>
internal sealed class Digests(
    RegistryTable table, Peers peers, Pulls pulls, Waits waits, RegistryOutbox outbox, RegistryLimits limits, RegistryTiming timing, Random random, RegistryCounters counters)
{
    private readonly byte[] _salt = new byte[sizeof(ulong)];
    private TimeSpan? _newcomerInterval; // As long as this node is new and nobody has answered: others may not know it yet.

    /// <summary>When the next comparison is due.</summary>
    public TimeSpan Deadline { get; private set; } = RegistryTiming.Never;

    /// <summary>The view or the member followed changed.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isNew">Whether this node has just come and knows nothing.</param>
    public void HandleView(TimeSpan now, bool isNew)
    {
        if (!peers.IsAny)
        {
            Deadline = RegistryTiming.Never;
        }
        else if (isNew)
        {
            Deadline = now;
            _newcomerInterval = timing.CatchUpInterval;
        }
        else if (Deadline == RegistryTiming.Never)
        {
            Deadline = now + (timing.DigestInterval * random.NextDouble());
        }
    }

    /// <summary>The next comparison comes soon: the last one found differences, which are settled now.</summary>
    public void Hasten(TimeSpan now)
    {
        if (Deadline != RegistryTiming.Never && now + timing.CatchUpInterval < Deadline)
        {
            Deadline = now + timing.CatchUpInterval;
        }
    }

    /// <summary>Begins a comparison if it is due.</summary>
    public void HandleDeadline(TimeSpan now)
    {
        if (now < Deadline)
        {
            return;
        }

        TimeSpan interval = timing.DigestInterval;
        if (_newcomerInterval is { } shorter)
        {
            interval = shorter;
            _newcomerInterval = shorter * 2 < timing.DigestInterval ? shorter * 2 : null;
        }

        Deadline = now + (interval * (0.9 + (0.2 * random.NextDouble())));
        Begin(peers.Any());
    }

    /// <summary>Compares with a peer.</summary>
    public void Begin(PeerId peer)
    {
        random.NextBytes(_salt);
        ulong salt = BitConverter.ToUInt64(_salt);
        counters.Digests++;
        var all = new DigestPart(DigestPartKind.Sum, 0, ulong.MaxValue, Sum(salt, table.Logs), []);
        outbox.Send(peer, new Digest(table.View.Epoch, salt, [all]));
    }

    /// <summary>Handles a digest.</summary>
    /// <returns>Null, or what no correct node says.</returns>
    public string? Handle(TimeSpan now, RegistrySource from, Digest digest)
    {
        _newcomerInterval = null;
        var answer = new List<DigestPart>();
        int bytesLeft = limits.DigestBytesMax - Digest.HeaderBytesMax;

        // From a random part on, so that what finds no place now finds it another time.
        int start = digest.Parts.Length > 0 ? random.Next(digest.Parts.Length) : 0;
        for (int index = 0; index < digest.Parts.Length; index++)
        {
            DigestPart part = digest.Parts[(start + index) % digest.Parts.Length];
            ReadOnlySpan<WriterLog> logs = Range(part.First, part.Last);
            if (part.Kind == DigestPartKind.Sum)
            {
                if (Sum(digest.Salt, logs) != part.Sum)
                {
                    Narrow(digest.Salt, part, logs, answer, ref bytesLeft);
                }
                else if (Contains(part, table.Own.Log))
                {
                    waits.Acknowledge(from, table.Own.Log.Counter);
                }
            }
            else if (part.Kind is DigestPartKind.Rows or DigestPartKind.Offer && !Compare(now, from, part, logs, answer, ref bytesLeft))
            {
                return "a digest that knows more of this node than it wrote";
            }
        }

        if (answer.Count > 0)
        {
            outbox.Send(from.Id, new Digest(table.View.Epoch, digest.Salt, [.. answer]));
        }

        return null;
    }

    /// <summary>The sums of a range differ: says more of it.</summary>
    private void Narrow(ulong salt, in DigestPart part, ReadOnlySpan<WriterLog> logs, List<DigestPart> answer, ref int bytesLeft)
    {
        if (logs.IsEmpty)
        {
            return;
        }

        if (logs.Length <= limits.DigestRowsMax)
        {
            var rows = new DigestRow[logs.Length];
            for (int index = 0; index < rows.Length; index++)
            {
                rows[index] = new DigestRow(logs[index].Writer.JoinIndex, logs[index].Counter);
            }

            Put(new DigestPart(DigestPartKind.Rows, part.First, part.Last, 0, rows), answer, ref bytesLeft);
            return;
        }

        int partCount = Math.Min(DigestPart.SplitCount, logs.Length);
        ulong first = part.First;
        for (int index = 0; index < partCount; index++)
        {
            int begin = index * logs.Length / partCount;
            int end = (index + 1) * logs.Length / partCount;
            ulong last = end == logs.Length ? part.Last : logs[end].Writer.JoinIndex - 1;
            Put(new DigestPart(DigestPartKind.Sum, first, last, Sum(salt, logs[begin..end]), []), answer, ref bytesLeft);
            first = last + 1;
        }
    }

    /// <summary>Writers are listed: asks for what is new here, and offers what is new there if it was not offered already.</summary>
    private bool Compare(TimeSpan now, RegistrySource from, in DigestPart part, ReadOnlySpan<WriterLog> logs, List<DigestPart> answer, ref int bytesLeft)
    {
        List<DigestRow>? offer = null;
        int at = 0;
        foreach (DigestRow row in part.Rows)
        {
            while (at < logs.Length && logs[at].Writer.JoinIndex < row.JoinIndex)
            {
                at++;
            }

            if (at == logs.Length || logs[at].Writer.JoinIndex != row.JoinIndex)
            {
                continue;
            }

            WriterLog log = logs[at];
            if (log == table.Own.Log)
            {
                if (row.Counter > log.Counter)
                {
                    return false;
                }

                waits.Acknowledge(from, row.Counter);
            }

            if (row.Counter > log.Counter)
            {
                pulls.Want(now, log, from.Id);
            }
            else if (row.Counter < log.Counter && part.Kind == DigestPartKind.Rows)
            {
                (offer ??= []).Add(new DigestRow(row.JoinIndex, log.Counter));
            }
        }

        if (offer is not null)
        {
            Put(new DigestPart(DigestPartKind.Offer, part.First, part.Last, 0, [.. offer]), answer, ref bytesLeft);
        }

        return true;
    }

    private void Put(in DigestPart part, List<DigestPart> answer, ref int bytesLeft)
    {
        if (part.WireBytesMax > bytesLeft)
        {
            counters.DigestPartsLeftOut++;
            return;
        }

        bytesLeft -= part.WireBytesMax;
        answer.Add(part);
    }

    private ReadOnlySpan<WriterLog> Range(ulong first, ulong last)
    {
        int begin = table.View.IndexFrom(first);
        int end = last == ulong.MaxValue ? table.View.Count : table.View.IndexFrom(last + 1);
        return table.Logs[begin..end];
    }

    private static bool Contains(in DigestPart part, WriterLog log) => log.Writer.JoinIndex >= part.First && log.Writer.JoinIndex <= part.Last;

    private static ulong Sum(ulong salt, ReadOnlySpan<WriterLog> logs)
    {
        ulong sum = 0;
        foreach (WriterLog log in logs)
        {
            sum += Digest.Term(salt, log.Writer.JoinIndex, log.Writer.Incarnation, log.Counter);
        }

        return sum;
    }
}
