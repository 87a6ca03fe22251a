using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>Values of one size, one after the other as they are in memory (<see cref="ValueBlock"/>).</summary>
public ref partial struct MessagePackReader
{
    /// <summary>The payloads that were read so far, the last one first: whoever reads the message says who owns them. Null for none.</summary>
    internal readonly IDecodedPayload? Payloads => _payloads;

    /// <summary>Notes a payload that was read.</summary>
    internal void Add(IDecodedPayload payload)
    {
        payload.Next = _payloads;
        _payloads = payload;
    }

    /// <summary>Reads values where they are; they may start anywhere.</summary>
    /// <param name="valueBytes">The size of one.</param>
    internal ReadOnlySpan<byte> ReadValues(int valueBytes) => ReadValues(valueBytes, out _);

    /// <summary>
    /// Reads values so that they start at a multiple of <see cref="ValueBlock.AlignmentBytes"/>: where they are, if they do; else moved there within their own block, over its
    /// padding; else, when that is too short or the message has no holders, in a block of their own.
    /// </summary>
    /// <param name="valueBytes">The size of one.</param>
    /// <param name="start">Where they start in what is returned.</param>
    /// <param name="length">Their bytes.</param>
    /// <returns>What they are in, retained for the caller; null for none at all.</returns>
    internal ICountedBytes? ReadValuesInPlace(int valueBytes, out int start, out int length)
    {
        ReadOnlySpan<byte> values = ReadValues(valueBytes, out int padding);
        start = 0;
        length = values.Length;
        if (length == 0)
        {
            return null;
        }

        if (_holders is { } holders)
        {
            start = (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(holders.Span), ref MemoryMarshal.GetReference(values));
            int move = start & (ValueBlock.AlignmentBytes - 1); // What has holders starts at a multiple of 64 and never moves.
            if (move != 0 && move <= padding)
            {
                // In bounds: the padding is in front of the values, in the same message, which nobody else reads.
                values.CopyTo(holders.Span.Slice(start - move, length));
                start -= move;
                move = 0;
            }

            if (move == 0)
            {
                holders.Retain();
                return holders;
            }
        }

        PooledBlock copy = BlockPool.Rent(length);
        values.CopyTo(copy.Span);
        start = 0;
        return copy;
    }

    private ReadOnlySpan<byte> ReadValues(int valueBytes, out int padding)
    {
        ReadOnlySpan<byte> block = ReadExtension(out sbyte type);
        if (type != ValueBlock.ExtensionType || block.Length < ValueBlock.HeadBytes)
        {
            throw new MessagePackException($"An extension of type {type} with {block.Length} bytes is no block of values.");
        }

        int sentBytes = BinaryPrimitives.ReadUInt16LittleEndian(block);
        padding = block[2];
        if (sentBytes != valueBytes)
        {
            throw new MessagePackException($"The values have {sentBytes} bytes each; those that are read have {valueBytes}.");
        }

        int length = block.Length - ValueBlock.HeadBytes - padding;
        if (length < 0 || length % valueBytes != 0)
        {
            throw new MessagePackException($"A block of {block.Length} bytes with {padding} of padding ends within a value of {valueBytes} bytes.");
        }

        return block[^length..];
    }
}
