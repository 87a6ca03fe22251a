using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>Sends what a source has: one loop for each stream, on the thread pool, reading the next piece while the last one is being sent.</summary>
internal static class StreamPump
{
    /// <summary>Bytes read at a time: several chunks, so that a loop costs one hop for each of these rather than for each chunk.</summary>
    private const int PieceBytes = 128 * 1024;

    /// <summary>Sends a stream to its end, and disposes it.</summary>
    public static void Send(OutboundStream to, Stream source) => _ = Task.Run(() => SendAsync(to, source));

    /// <summary>Sends bytes that the pump owns from now on, and gives their buffer back to the shared pool.</summary>
    public static void SendOwned(OutboundStream to, byte[] rented, int length) => _ = SendOwnedAsync(to, rented, length);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the source throws is told to the reader.")]
    private static async Task SendAsync(OutboundStream to, Stream source)
    {
        byte[] reading = ArrayPool<byte>.Shared.Rent(PieceBytes);
        byte[] writing = ArrayPool<byte>.Shared.Rent(PieceBytes);
        bool isWriting = false;
        try
        {
            await using (source.ConfigureAwait(false))
            {
                ValueTask written = default;
                while (await source.ReadAsync(reading.AsMemory(0, PieceBytes)).ConfigureAwait(false) is int bytes and not 0)
                {
                    await written.ConfigureAwait(false);
                    (reading, writing) = (writing, reading);
                    isWriting = true;
                    written = to.WriteAsync(writing.AsMemory(0, bytes));
                }

                await written.ConfigureAwait(false);
                isWriting = false;
            }

            to.End();
        }
        catch (Exception exception)
        {
            to.End(Fault.Of(FaultCode.Exception, exception));
        }

        ArrayPool<byte>.Shared.Return(reading);
        if (!isWriting)
        {
            ArrayPool<byte>.Shared.Return(writing); // Else the source threw while a write was under way: the memory is not ours alone.
        }
    }

    private static async Task SendOwnedAsync(OutboundStream to, byte[] rented, int length)
    {
        try
        {
            await to.WriteAsync(rented.AsMemory(0, length)).ConfigureAwait(false);
            to.End();
        }
        catch (IOException)
        {
            // The reader, or the connection, is gone: whoever sent it has been told by then.
        }

        ArrayPool<byte>.Shared.Return(rented);
    }
}
