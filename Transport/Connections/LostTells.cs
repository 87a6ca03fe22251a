using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>Tells that came over one connection and were lost here, by reason, until its other end is told: whoever sent them knows them as sent (AGREEMENT, Flow control: losses are reported back as sums).</summary>
internal sealed class LostTells
{
    private readonly long[] _counts = new long[byte.MaxValue + 1];
    private int _hasNews;

    /// <summary>One was lost. Any thread.</summary>
    public void Count(FaultCode reason)
    {
        Interlocked.Increment(ref _counts[(byte)reason]);
        Volatile.Write(ref _hasNews, 1); // After the count; partner: the exchange before they are taken.
    }

    /// <summary>Takes the sums of what was lost since the last time, and writes them. One thread at a time.</summary>
    /// <returns>False if nothing was: nothing is written.</returns>
    public bool TryTake(ref MessagePackWriter writer)
    {
        if (Volatile.Read(ref _hasNews) == 0)
        {
            return false;
        }

        Interlocked.Exchange(ref _hasNews, 0);
        Span<long> taken = stackalloc long[_counts.Length];
        int reasons = 0;
        for (int reason = 0; reason < taken.Length; reason++)
        {
            taken[reason] = Interlocked.Exchange(ref _counts[reason], 0);
            reasons += taken[reason] != 0 ? 1 : 0;
        }

        writer.WriteMapHeader(reasons);
        for (int reason = 0; reason < taken.Length; reason++)
        {
            if (taken[reason] != 0)
            {
                writer.Write((byte)reason);
                writer.Write(taken[reason]);
            }
        }

        return reasons != 0; // Two counts of one moment may have been taken the time before.
    }

    /// <summary>Reads what another node says.</summary>
    /// <param name="payload">What it sent.</param>
    /// <param name="count">Is told each reason and how many.</param>
    /// <exception cref="MessagePackException">It is malformed.</exception>
    public static void Read(ReadOnlySpan<byte> payload, Action<FaultCode, long> count)
    {
        var reader = new MessagePackReader(payload);
        for (int left = reader.ReadMapHeader(); left > 0; left--)
        {
            var reason = (FaultCode)reader.ReadByte();
            long lost = reader.ReadInt64();
            if (lost < 0)
            {
                throw new MessagePackException("a negative number of tells");
            }

            count(reason, lost);
        }
    }
}
