using Kameo.Actors.Diagnostics;
using Kameo.Actors.Slots.Gate;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Calls;

/// <summary>A call that waited on this node for an actor that has moved to another one: it goes there, and its answer comes back the way it went.</summary>
public abstract partial class ActorCall
{
    /// <summary>Whether it is to be sent at all: not so a tick of a timer or the notice of a link, which are for the one activation.</summary>
    internal bool MayMove => Method.HasInterface;

    /// <summary>The connection that it came over; null: it was made here.</summary>
    internal Connection? Origin => _origin;

    /// <summary>Whether it came from another node, whose caller gave it up meanwhile.</summary>
    internal bool IsGivenUpThere => IsRemote && IsWithdrawn;

    /// <summary>Sends it on. It never ran here, and will not; whoever called this has the turn's part of it, and has no more after this.</summary>
    /// <param name="connection">The way to the node that has the actor.</param>
    /// <param name="target">The actor.</param>
    /// <param name="hopsLeft">How often it may be passed on after this.</param>
    /// <param name="way">What it says of the way it came.</param>
    /// <returns>Of a tell that was made here: completes when the ring has it.</returns>
    internal ValueTask SendOn(Connection connection, OutboundTarget target, byte hopsLeft, ulong way)
    {
        if (IsRemote)
        {
            PassOn(connection, target, hopsLeft, way);
            return default;
        }

        if (IsTell ? MayBeWithdrawn && Interlocked.CompareExchange(ref _stage, Started, Queued) != Queued : !Node.LocalAsks.TryTake(this))
        {
            LetGo(); // It has ended meanwhile.
            return default;
        }

        ValueTask sent = Send(connection, target, hopsLeft, way);
        if (!IsTell && _extras.CallerToken.CanBeCanceled)
        {
            _extras.SentThrough = connection;

            // Full fence; partner: the step that fires the token, after which OnCallerCancels looks where it was sent. One of both sees the other.
            Interlocked.MemoryBarrier();
            if (_extras.CallerToken.IsCancellationRequested)
            {
                connection.CancelAsk(this);
            }
        }

        LetGo();
        return sent;
    }

    private ValueTask Send(Connection connection, OutboundTarget target, byte hopsLeft, ulong way)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        try
        {
            try
            {
                scratch.SendTo(connection, connection.FrameBytesMax);
                var writer = new MessagePackWriter(scratch);
                EncodeArguments(ref writer);
            }
            catch (Exception exception)
            {
                if (!IsTell)
                {
                    Fail(exception);
                }

                return ValueTask.FromException(exception);
            }

            SentTo = connection.PeerId;
            var options = new RequestOptions(DeadlineMilliseconds)
            {
                HopsLeft = hopsLeft,
                Streams = scratch.Streams?.ToArray(),
                Attached = scratch.Attached,
                Extensions = ExtensionsFor(way),
            };
            ValueTask sent = default;
            if (IsTell)
            {
                sent = connection.Tell(target, Method.Outbound, options, scratch.WrittenSpan);
            }
            else
            {
                connection.Ask(this, target, Method.Outbound, options, scratch.WrittenSpan);
            }

            scratch.Streams?.Send();
            return sent;
        }
        finally
        {
            ScratchBuffer.Return(scratch);
        }
    }

    private void PassOn(Connection connection, OutboundTarget target, byte hopsLeft, ulong way)
    {
        (Connection, ulong) key = (_origin!, _extras.OriginCorrelation);
        bool isCancellable = !IsTell && IsCancellable;
        Action? passed = Node.Slots?.BeginPass();
        if (isCancellable)
        {
            Action? then = passed;
            ActorNode node = Node;
            passed = () =>
            {
                node.InboundForwarded.TryRemove(key, out _);
                then?.Invoke();
            };
        }

        var forward = new ForwardedRequest(Node.CountLostTell, _origin!, connection, target, Method.Outbound)
        {
            Correlation = IsTell ? null : _extras.OriginCorrelation,
            Deadline = DeadlineMilliseconds,
            HopsLeft = hopsLeft,
            Streams = _extras.InboundStreams,
            Extensions = ExtensionsFor(way).ToArray(),
            Hold = _extras.Hold,
            Passed = passed,
        };
        _extras.Hold = default;
        _extras.InboundStreams = null;
        if (isCancellable)
        {
            // First there, then not here any more, then a look: a cancel that came meanwhile finds the one or was seen by the other.
            Node.InboundForwarded[key] = forward;
            Node.InboundCancellable.TryRemove(key, out _);
            if (IsWithdrawn)
            {
                forward.Cancel();
            }
        }

        LetGo();
        forward.Send();
    }

    private ReadOnlySpan<byte> ExtensionsFor(ulong way) => SlotWay.Join(TraceExtension.Join(Context is { } context ? context.Extension : default, Trace?.Parent), way);
}
