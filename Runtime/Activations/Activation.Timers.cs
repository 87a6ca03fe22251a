using Kameo.Actors.Timers;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Activations;

/// <summary>The timers of an activation.</summary>
internal sealed partial class Activation
{
    /// <summary>Takes in a timer and starts it. In a turn of this activation.</summary>
    /// <exception cref="InvalidOperationException">It is called elsewhere, there are too many timers, or the activation ends.</exception>
    public ActorTimer Register(ActorTimer timer, ActorTimerOptions options)
    {
        try
        {
            if (!ReferenceEquals(Turn.Current?.Activation, this))
            {
                throw new InvalidOperationException("A timer is registered in a turn of its actor, or in its constructor.");
            }

            if (_state >= ActivationState.Deactivating)
            {
                throw new InvalidOperationException("The activation is ending: it takes no more timers.");
            }

            Extras.Add(timer);
        }
        catch
        {
            timer.Stop();
            throw;
        }

        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    /// <summary>A timer was disposed. Any thread.</summary>
    public void Forget(ActorTimer timer) => _extras?.Remove(timer);

    /// <summary>Stops all timers and takes their ticks out of the queue: they are not for the next activation.</summary>
    private void DropTimers()
    {
        if (_extras is not { } extras)
        {
            return;
        }

        extras.StopTimers();
        TakeCalls();
        InboxItem? before = null;
        for (InboxItem? item = _waiting.First; item is not null;)
        {
            InboxItem? next = item.NextItem;
            if (item is ActorTimer tick)
            {
                _waiting.TakeAfter(before);
                Dequeue();
                tick.LetGo();
            }
            else
            {
                before = item;
            }

            item = next;
        }
    }
}
