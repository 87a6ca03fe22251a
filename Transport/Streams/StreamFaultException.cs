using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>A stream is not whole, and its sender says why. Thrown by a source, it is what the reader is told; a reader finds it inside of the <see cref="IOException"/> it gets.</summary>
/// <param name="fault">What the end of the stream says.</param>
internal sealed class StreamFaultException(in Fault fault) : IOException($"The sender of the stream failed: {new RemoteFaultException(fault).Message}", new RemoteFaultException(fault))
{
    /// <summary>What the end of the stream says.</summary>
    public Fault Fault { get; } = fault;

    /// <summary>The fault that the reader of a source is told: of a stream that is passed on, that of its first sender.</summary>
    public static Fault Of(Exception exception) => Find(exception)?.Fault ?? Fault.Of(FaultCode.Exception, exception);

    /// <summary>What a sender said, if that is why a read failed.</summary>
    public static StreamFaultException? Find(Exception exception) => exception as StreamFaultException ?? (exception as IOException)?.InnerException as StreamFaultException;
}
