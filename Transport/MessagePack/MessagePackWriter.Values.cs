using System.Buffers.Binary;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Transport.MessagePack;

/// <summary>Values of one size, one after the other as they are in memory (<see cref="ValueBlock"/>).</summary>
public ref partial struct MessagePackWriter
{
    /// <summary>Writes values; what does not fit a frame is copied once, so the caller may change them when this returns.</summary>
    /// <param name="values">The values.</param>
    /// <param name="valueBytes">The size of one.</param>
    internal readonly void WriteValues(scoped ReadOnlySpan<byte> values, int valueBytes)
    {
        WriteValuesHead(values.Length, valueBytes);
        if (values.Length > _scratch.AttachedAboveBytes)
        {
            _scratch.AttachCopy(values);
        }
        else
        {
            WriteRaw(values);
        }
    }

    /// <summary>Writes values whose holder gives them up: what does not fit a frame is sent from where it is, if it is plain memory; else it is copied now, once.</summary>
    /// <param name="holder">Holds the values; a reference is taken over, whatever happens.</param>
    /// <param name="start">Where they start in it.</param>
    /// <param name="length">Their bytes.</param>
    /// <param name="valueBytes">The size of one.</param>
    internal readonly void WriteValues(ICountedBytes holder, int start, int length, int valueBytes)
    {
        bool isAttached = false;
        try
        {
            WriteValuesHead(length, valueBytes);
            if (length > _scratch.AttachedAboveBytes && !holder.IsPlain)
            {
                _scratch.AttachCopy(holder.Span.Slice(start, length));
            }
            else if (length > _scratch.AttachedAboveBytes)
            {
                isAttached = true;
                _scratch.Attach(holder.Memory.Slice(start, length), holder);
            }
            else
            {
                WriteRaw(holder.Span.Slice(start, length));
            }
        }
        finally
        {
            if (!isAttached)
            {
                holder.Release();
            }
        }
    }

    /// <summary>Says that values were taken for the message, which may not be sent.</summary>
    internal readonly void Took(ITakenValues values) => _scratch.Took(values);

    private readonly void WriteValuesHead(int length, int valueBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(valueBytes, ValueBlock.ValueBytesMax);
        int padding = ValueBlock.PaddingAt(_scratch.MessageBytes);
        int inFront = ValueBlock.HeadBytes + padding;
        if (length > int.MaxValue - inFront)
        {
            throw new PayloadTooLargeException((long)length + inFront, int.MaxValue);
        }

        Span<byte> head = _scratch.ReserveSpan(ValueBlock.ExtensionHeaderBytes + inFront);
        head[0] = MessagePackCode.Extension32;
        BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)(length + inFront));
        head[5] = unchecked((byte)ValueBlock.ExtensionType);
        BinaryPrimitives.WriteUInt16LittleEndian(head[6..], (ushort)valueBytes);
        head[8] = (byte)padding;
        head.Slice(ValueBlock.ExtensionHeaderBytes + ValueBlock.HeadBytes, padding).Clear();
        _scratch.Advance(head.Length);
    }
}
