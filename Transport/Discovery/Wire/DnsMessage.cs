using System.Diagnostics.CodeAnalysis;

namespace Kameo.Actors.Transport.Discovery.Wire;

/// <summary>A DNS message as multicast DNS uses it (RFC 1035, 4; RFC 6762, 18). One thread at a time.</summary>
internal sealed class DnsMessage
{
    private const ushort ResponseBit = 0x8000;
    private const ushort AuthoritativeBit = 0x0400;
    private const ushort TruncatedBit = 0x0200;
    private const ushort OpcodeMask = 0x7800;
    private const ushort ReturnCodeMask = 0x000F;

    /// <summary>Zero, save in one-shot queries and the answers to them (RFC 6762, 6.7 and 18.1).</summary>
    public ushort Id { get; init; }

    /// <summary>True for a response, false for a query.</summary>
    public bool IsResponse { get; init; }

    /// <summary>In a query: more known answers follow in another packet (RFC 6762, 7.2).</summary>
    public bool IsTruncated { get; init; }

    public List<DnsQuestion> Questions { get; } = [];

    /// <summary>In a query: the answers already known.</summary>
    public List<DnsRecord> Answers { get; } = [];

    /// <summary>In a probe: the records that the sender wants to own.</summary>
    public List<DnsRecord> Authorities { get; } = [];

    public List<DnsRecord> Additionals { get; } = [];

    /// <summary>Reads one whole datagram. Work and memory are bounded by <see cref="DnsLimits"/>.</summary>
    /// <returns>False, without a message, if anything in it is malformed, beyond the limits, or not a plain query or response
    /// (an opcode or return code other than zero is ignored: RFC 6762, 18.3 and 18.11). Records of unknown types and classes are skipped.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (datagram.Length > DnsLimits.MessageBytesMax)
            return false;
        DnsReader reader = new(datagram);
        if (!reader.TryReadUInt16(out ushort id) || !reader.TryReadUInt16(out ushort flags)
            || !reader.TryReadUInt16(out ushort questions) || !reader.TryReadUInt16(out ushort answers)
            || !reader.TryReadUInt16(out ushort authorities) || !reader.TryReadUInt16(out ushort additionals))
            return false;
        if ((flags & (OpcodeMask | ReturnCodeMask)) != 0
            || questions > DnsLimits.QuestionsMax || answers + authorities + additionals > DnsLimits.RecordsMax)
            return false;

        DnsMessage read = new() { Id = id, IsResponse = (flags & ResponseBit) != 0, IsTruncated = (flags & TruncatedBit) != 0 };
        for (int i = 0; i < questions; i++)
        {
            if (!reader.TryReadQuestion(out DnsQuestion question, out bool ours))
                return false;
            if (ours)
                read.Questions.Add(question);
        }
        if (!TryReadSection(ref reader, answers, read.Answers) || !TryReadSection(ref reader, authorities, read.Authorities)
            || !TryReadSection(ref reader, additionals, read.Additionals))
            return false;
        message = read;
        return true;
    }

    /// <summary>Writes the message.</summary>
    /// <param name="destination">Where to; <see cref="DnsLimits.MessageBytesMax"/> bytes hold any message.</param>
    /// <param name="bytesWritten">How much was written.</param>
    /// <param name="compress">Whether repeated names become pointers.</param>
    /// <returns>False if it does not fit; what was written is then of no use.</returns>
    public bool TryWrite(Span<byte> destination, out int bytesWritten, bool compress = true)
    {
        bytesWritten = 0;
        DnsWriter writer = new(destination, compress);
        int flags = (IsResponse ? ResponseBit | AuthoritativeBit : 0) | (IsTruncated ? TruncatedBit : 0);
        bool fits = writer.TryWriteUInt16(Id) && writer.TryWriteUInt16((ushort)flags)
            && writer.TryWriteUInt16((ushort)Questions.Count) && writer.TryWriteUInt16((ushort)Answers.Count)
            && writer.TryWriteUInt16((ushort)Authorities.Count) && writer.TryWriteUInt16((ushort)Additionals.Count);
        foreach (DnsQuestion question in Questions)
            fits = fits && writer.TryWriteQuestion(question);
        foreach (List<DnsRecord> section in (ReadOnlySpan<List<DnsRecord>>)[Answers, Authorities, Additionals])
        {
            foreach (DnsRecord record in section)
                fits = fits && writer.TryWriteRecord(record);
        }
        if (fits)
            bytesWritten = writer.Position;
        return fits;
    }

    private static bool TryReadSection(ref DnsReader reader, int count, List<DnsRecord> section)
    {
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryReadRecord(out DnsRecord? record))
                return false;
            if (record is not null)
                section.Add(record);
        }
        return true;
    }
}
