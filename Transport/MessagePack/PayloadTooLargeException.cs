namespace Kameo.Actors.Transport.MessagePack;

/// <summary>What was encoded is larger than one message may be. Nothing was sent.</summary>
public sealed class PayloadTooLargeException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="bytes">How large it is; where encoding was given up, how large it had become.</param>
    /// <param name="bytesMax">How large it may be.</param>
    public PayloadTooLargeException(long bytes, long bytesMax)
        : base($"The message has at least {bytes} bytes; one message may have {bytesMax}.")
    {
        Bytes = bytes;
        BytesMax = bytesMax;
    }

    /// <summary>How large it is, or had become when encoding was given up.</summary>
    public long Bytes { get; }

    /// <summary>How large one message may be.</summary>
    public long BytesMax { get; }
}
