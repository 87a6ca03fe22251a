using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.Connections;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Deadlocks;

/// <summary>
/// Whether an actor waits for a turn that tells it something, where the asks between them come from other nodes: each node on the way looks at the part of the chain that it has, and asks the next one up. Thread safe.
/// </summary>
/// <remarks>
/// Nothing goes with an ask for it. A question goes against the way of the asks, over the connections that they came by and by whoever passed them on, and names an ask by what the connection knows it by. Each part of a chain is seen
/// as a whole (<see cref="CallChain"/>), one after the other; as long as the turn at its lower end waits, none of it ends but by time-outs and cancellations, after which an answer is late by a moment, and refuses a tell that would
/// have had a place later. Bound: what <see cref="SenderWatch"/> looks at; and of what others ask <see cref="AnswersPerTickMax"/> between two ticks, what is beyond is dropped, and asked again.
/// </remarks>
/// <param name="node">The node.</param>
internal sealed class ChainQuestions(ActorNode node)
{
    private const int AnswersPerTickMax = 4096;

    private static readonly OutboundTarget s_target = new([IdSpace.Deadlock, DeadlockRouter.Chains]);

    private readonly ConcurrentDictionary<ulong, WaitingTell> _open = new();
    private int _answersLeft = AnswersPerTickMax;

    /// <summary>The node's tick.</summary>
    public void Tick() => Volatile.Write(ref _answersLeft, AnswersPerTickMax);

    /// <summary>A number for the questions of one tell that waits. The node's tick.</summary>
    public ulong Open(WaitingTell tell)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(number);
        ulong opened = BinaryPrimitives.ReadUInt64LittleEndian(number) | 1; // 0 is none.
        _open[opened] = tell;
        return opened;
    }

    /// <summary>It waits no longer.</summary>
    public void Close(ulong number) => _open.TryRemove(number, out _);

    /// <summary>Asks whether a turn of an actor waits for an ask of a peer.</summary>
    public void Ask(ulong number, ActorId actor, in AskOfPeer ask) => Send(ask.From, new ChainMessage(number, ask.Correlation, actor, Probe.PathMax, node.Id));

    /// <summary>Another node asks, or answers. On a receive loop.</summary>
    public void Receive(Connection from, in ChainMessage message)
    {
        if (message.Asker is null)
        {
            OnAnswer(message.Number);
        }
        else if (Interlocked.Decrement(ref _answersLeft) >= 0 && from.TryReadPending(message.Correlation, Known.Of, out Known known))
        {
            Answer(message, known);
        }
    }

    private void OnAnswer(ulong number)
    {
        if (_open.TryGetValue(number, out WaitingTell? tell))
        {
            tell.OnAwaited();
        }
    }

    private void Answer(in ChainMessage question, Known known)
    {
        AskOfPeer above = known.Above;
        if (known.Ask is { } ask)
        {
            var chain = new CallChain(ask, known.AskId);
            foreach (Activation activation in node.Activations.Of(question.Actor))
            {
                if (chain.LeadsTo(activation))
                {
                    if (question.Asker == node.Id)
                    {
                        OnAnswer(question.Number);
                    }
                    else if (node.Transport.FindPeer(question.Asker!.Value)?.Connection is { } back)
                    {
                        Send(back, question with { Asker = null });
                    }

                    return;
                }
            }

            chain.TryFindOrigin(out above);
        }

        if (above.From is { } from && question.LinksLeft > 1)
        {
            Send(from, question with { Correlation = above.Correlation, LinksLeft = question.LinksLeft - 1 });
        }
    }

    private void Send(Connection connection, in ChainMessage message)
    {
        if (!connection.IsRetired) // Over the one that took over, the correlation would name another ask.
        {
            DeadlockTells.Send(node, connection, s_target, message);
        }
    }

    /// <summary>What an ask that is pending on a connection is: one of a turn here, or of another node that this one passed on.</summary>
    private readonly record struct Known(ActorCall? Ask, ulong AskId, AskOfPeer Above)
    {
        public static Known Of(PendingAsk pending) => pending switch
        {
            ActorCall { AskId: var id and not 0 } ask => new Known(ask, id, default),
            ForwardedAsk passed => new Known(null, 0, new AskOfPeer(passed.Origin, passed.OriginCorrelation)),
            _ => default,
        };
    }
}
