using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Registry;

/// <content>What other registries say.</content>
internal sealed partial class RegistryCore
{
    /// <summary>Handles a message, whatever is in it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="from">Its sender, as its connection proved it.</param>
    /// <param name="bytes">The message; not kept.</param>
    /// <returns>Null, or what is wrong with it: no correct node of this version sends that, and its connection may be closed.</returns>
    public string? Handle(TimeSpan now, RegistrySource from, ReadOnlySpan<byte> bytes)
    {
        RegistryMessage? message;
        try
        {
            message = RegistryMessage.Decode(bytes, _limits);
        }
        catch (MessagePackException exception)
        {
            Counters.MessagesRefused++;
            return $"malformed registry message: {exception.Message}";
        }

        if (message is null)
        {
            return null; // A sort that a later version has.
        }

        if (!_peers.Counts(from))
        {
            Counters.MessagesOfStrangers++;
            return null;
        }

        Counters.MessagesHandled++;
        string? wrong = message switch
        {
            Digest digest => _digests.Handle(now, from, digest),
            Pull pull => Handle(now, from, pull),
            DeltaBatch batch => Handle(now, from, batch),
            Acknowledgement acknowledgement => Handle(from, acknowledgement),
            _ => null,
        };
        Counters.MessagesRefused += wrong is null ? 0 : 1;
        _pulls.Send(now);
        if (_isCatchingUp && _pulls.IsIdle)
        {
            _isCatchingUp = false;
            _digests.Hasten(now);
        }

        return wrong;
    }

    private string? Handle(TimeSpan now, RegistrySource from, Pull pull)
    {
        foreach (Want want in pull.Wants)
        {
            if (want.JoinIndex == _table.Own.Log.Writer.JoinIndex)
            {
                if (want.Counter > Version)
                {
                    return "a pull that knows more of this node than it wrote";
                }

                _waits.Acknowledge(from, want.Counter);
            }
        }

        _pulls.Answer(now, from.Id, pull, _waits.Count > 0 ? DeltaBatchFlags.AcknowledgementWanted : DeltaBatchFlags.None);
        return null;
    }

    private string? Handle(RegistrySource from, Acknowledgement acknowledgement)
    {
        if (acknowledgement.Incarnation != Self.Incarnation)
        {
            return null; // Meant for this node's life before.
        }

        if (acknowledgement.Version > Version)
        {
            return "an acknowledgement of what was never written";
        }

        _waits.Acknowledge(from, acknowledgement.Version);
        return null;
    }

    private string? Handle(TimeSpan now, RegistrySource from, DeltaBatch batch)
    {
        bool isAnswer = batch.PullId != 0;
        IReadOnlyList<WriterLog> asked = isAnswer ? _pulls.Take(from.Id, batch.PullId) : [];
        string? wrong = null;
        bool anyApplied = false;
        foreach (Delta delta in batch.Deltas)
        {
            ulong before = _table.Find(delta.JoinIndex)?.Counter ?? 0;
            ApplyOutcome outcome = _table.Apply(delta, out WriterLog? log);
            switch (outcome)
            {
                case ApplyOutcome.Applied:
                    Counters.DeltasApplied++;
                    anyApplied = true;
                    if (log!.Counter > before)
                    {
                        _rumours.Add(now, log, before, toMembers: !isAnswer && !batch.Flags.HasFlag(DeltaBatchFlags.Pushed));
                    }

                    break;
                case ApplyOutcome.Known:
                    Counters.DeltasKnown++;
                    break;
                case ApplyOutcome.Gap:
                    Counters.Gaps++;
                    break;
                case ApplyOutcome.Full:
                    Counters.DeltasWithoutRoom++;
                    log!.LeftAloneUntil = now + _timing.FullRetry;
                    break;
                case ApplyOutcome.Stranger:
                    Counters.DeltasOfStrangers++;
                    break;
                default:
                    wrong = "a delta that no correct node sends";
                    break;
            }

            // More than one message holds, or a gap: this node asks from where it is.
            if (outcome is ApplyOutcome.Applied or ApplyOutcome.Known or ApplyOutcome.Gap && delta.AsOf > log!.Counter)
            {
                _pulls.Want(now, log, from.Id);
            }
        }

        // What was asked for and found no place in the answer is asked for again, as long as answers bring something.
        if (anyApplied)
        {
            _isCatchingUp |= isAnswer;
            foreach (WriterLog log in asked)
            {
                if (!batch.Deltas.Any(delta => delta.JoinIndex == log.Writer.JoinIndex))
                {
                    _pulls.Want(now, log, from.Id);
                }
            }
        }

        Acknowledge(from, batch);
        return wrong;
    }

    private void Acknowledge(RegistrySource to, DeltaBatch batch)
    {
        int index = View.IndexOf(to.Id, to.Incarnation);
        if (index >= 0 && IsMember && batch.Flags.HasFlag(DeltaBatchFlags.AcknowledgementWanted))
        {
            _outbox.Send(to.Id, new Acknowledgement(View.Epoch, to.Incarnation, _table.Logs[index].Counter));
        }
    }
}
