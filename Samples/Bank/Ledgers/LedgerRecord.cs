using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Samples.Bank.Ledgers;

/// <summary>What a line of a ledger says.</summary>
internal enum LedgerEntry : long
{
    /// <summary>An activation of the account begins: from now on no lower fence writes here.</summary>
    Claimed = 1,

    /// <summary>Money came in.</summary>
    Deposited = 2,

    /// <summary>Money left for another account, and is to be deposited there.</summary>
    Debited = 3,

    /// <summary>What was debited has been deposited there.</summary>
    Completed = 4,
}

/// <summary>A line of an account's ledger: 48 bytes, little-endian, the last eight a checksum of the others and of where the line stands.</summary>
/// <param name="Fence">Of the activation that wrote it.</param>
/// <param name="Entry">What happened.</param>
/// <param name="Transfer">The id of the transfer.</param>
/// <param name="Other">The other account.</param>
/// <param name="Amount">How much.</param>
internal readonly record struct LedgerRecord(long Fence, LedgerEntry Entry, long Transfer, long Other, long Amount)
{
    /// <summary>Bytes of a line.</summary>
    public const int Length = 48;

    private const int ChecksumOffset = 40;

    /// <summary>Writes it as the line at an offset of the file.</summary>
    public void Write(Span<byte> line, long offset)
    {
        BinaryPrimitives.WriteInt64LittleEndian(line, Fence);
        BinaryPrimitives.WriteInt64LittleEndian(line[8..], (long)Entry);
        BinaryPrimitives.WriteInt64LittleEndian(line[16..], Transfer);
        BinaryPrimitives.WriteInt64LittleEndian(line[24..], Other);
        BinaryPrimitives.WriteInt64LittleEndian(line[32..], Amount);
        BinaryPrimitives.WriteUInt64LittleEndian(line[ChecksumOffset..], Checksum(line, offset));
    }

    /// <summary>Reads the line at an offset of the file; false: it is not what was written there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, long offset, out LedgerRecord record)
    {
        record = new LedgerRecord(
            BinaryPrimitives.ReadInt64LittleEndian(line),
            (LedgerEntry)BinaryPrimitives.ReadInt64LittleEndian(line[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(line[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(line[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(line[32..]));
        return BinaryPrimitives.ReadUInt64LittleEndian(line[ChecksumOffset..]) == Checksum(line, offset);
    }

    private static ulong Checksum(ReadOnlySpan<byte> line, long offset)
    {
        Span<byte> checkedBytes = stackalloc byte[ChecksumOffset + sizeof(long)];
        line[..ChecksumOffset].CopyTo(checkedBytes);
        BinaryPrimitives.WriteInt64LittleEndian(checkedBytes[ChecksumOffset..], offset);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(checkedBytes, hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
