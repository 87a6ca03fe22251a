using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Streams;

/// <summary>Sends what a source has: one loop for each stream, on the thread pool, reading the next piece while the last one is being sent.</summary>
internal static class StreamPump
{
    /// <summary>Bytes read at a time: several chunks, so that a loop costs one hop for each of these rather than for each chunk.</summary>
    private const int PieceBytes = 128 * 1024;

    /// <summary>Sends a stream to its end, and disposes it.</summary>
    /// <param name="to">Where it goes.</param>
    /// <param name="source">What is read.</param>
    /// <param name="then">Runs when the source is disposed.</param>
    public static void Send(OutboundStream to, Stream source, Action? then = null) => _ = Task.Run(() => SendAsync(to, source, then));

    /// <summary>Sends bytes that the pump owns from now on: gives their buffer back to the shared pool, their part of the memory for such payloads to the node, and releases each part attached to them.</summary>
    /// <param name="to">Where they go.</param>
    /// <param name="rented">The bytes.</param>
    /// <param name="length">How many.</param>
    /// <param name="attached">Parts that come between them, in order; null for none.</param>
    /// <param name="node">The node.</param>
    /// <param name="taken">What was taken of that memory.</param>
    public static void SendOwned(OutboundStream to, byte[] rented, int length, IReadOnlyList<AttachedBytes.Part>? attached, TransportNode node, int taken) =>
        _ = SendOwnedAsync(to, rented, length, attached ?? [], node, taken);

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the source throws is told to the reader.")]
    private static async Task SendAsync(OutboundStream to, Stream source, Action? then)
    {
        byte[] reading = ArrayPool<byte>.Shared.Rent(PieceBytes);
        byte[] writing = ArrayPool<byte>.Shared.Rent(PieceBytes);
        ValueTask written = default;
        Fault? fault = null;
        try
        {
            await using (source.ConfigureAwait(false))
            {
                while (await source.ReadAsync(reading.AsMemory(0, PieceBytes), to.Unwanted).ConfigureAwait(false) is int bytes and not 0)
                {
                    ValueTask before = written;
                    written = default;
                    await before.ConfigureAwait(false);
                    (reading, writing) = (writing, reading);
                    written = to.WriteAsync(writing.AsMemory(0, bytes));
                }
            }
        }
        catch (Exception exception)
        {
            fault = StreamFaultException.Of(exception);
        }

        try
        {
            await written.ConfigureAwait(false); // What was read before the source failed still arrives.
            to.End(fault);
        }
        catch (IOException)
        {
            // The reader, or the connection, is gone.
        }

        ArrayPool<byte>.Shared.Return(reading);
        ArrayPool<byte>.Shared.Return(writing);
        then?.Invoke();
    }

    private static async Task SendOwnedAsync(OutboundStream to, byte[] rented, int length, IReadOnlyList<AttachedBytes.Part> attached, TransportNode node, int taken)
    {
        try
        {
            int sent = 0;
            foreach (AttachedBytes.Part part in attached)
            {
                await to.WriteAsync(rented.AsMemory(sent, part.At - sent)).ConfigureAwait(false);
                await to.WriteAsync(part.Bytes).ConfigureAwait(false);
                sent = part.At;
            }

            await to.WriteAsync(rented.AsMemory(sent, length - sent)).ConfigureAwait(false);
            to.End();
        }
        catch (IOException)
        {
            // The reader, or the connection, is gone: whoever sent it has been told by then. Nobody reads the bytes any more: chunks are copied under the lock that a failure takes.
        }
        finally
        {
            foreach (AttachedBytes.Part part in attached)
            {
                part.Holder.Release();
            }
        }

        node.ReturnGathered(taken);
        ArrayPool<byte>.Shared.Return(rented);
    }
}
