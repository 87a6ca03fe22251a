using Kameo.Actors.Activations;
using Kameo.Actors.Errors;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Items;

/// <summary>Items that an actor produces: its code is entered in its activation, one at a time with everything else there, wherever they are enumerated. Between two items other calls run.</summary>
/// <remarks>
/// Made in the turn of the call that asked for them. They keep the activation from being collected for <see cref="ActorNodeOptions.CollectionAge"/> after each step; when it ends all the same, who waits gets an
/// <see cref="InvalidOperationException"/>. Asks made between items have their own time-outs: the call that asked has ended. Who cancels is not kept waiting by code that does not look at its token, here as on another
/// node: the step under way goes on by itself, and the items end behind it.
/// </remarks>
/// <param name="items">What the method returned.</param>
/// <param name="activation">Where it belongs.</param>
internal sealed class ItemsInTurn<T>(IAsyncEnumerable<T> items, Activation activation) : IAsyncEnumerable<T>
{
    /// <summary>What flows in the call's turn, its request context: nothing of who enumerates.</summary>
    private readonly ExecutionContext? _flow = ExecutionContext.Capture();
    private readonly CancellationToken _ended = activation.Ended;

    /// <inheritdoc/>
    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Enumerator(this, cancellationToken);

    private sealed class Enumerator(ItemsInTurn<T> all, CancellationToken cancellation) : IAsyncEnumerator<T>
    {
        private readonly BesideTurn _turn = new(all.Activation);
        private IAsyncEnumerator<T>? _inner;
        private Task<bool>? _step;

        public T Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            cancellation.ThrowIfCancellationRequested();
            Run(static self => self._step = self.StepAsync());
            try
            {
                return await _step!.WaitAsync(cancellation).WaitAsync(all._ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!_step!.IsCompleted && all._ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                throw new InvalidOperationException($"{all.Activation.Id} was deactivated before its items ended: {all.Activation.EndReason}.");
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_step is not { } last || (last.IsCompleted && _inner is null))
            {
                return;
            }

            Run(static self => self._step = self.EndAsync(self._step!));
            if (!last.IsCompleted)
            {
                return; // Given up within a step.
            }

            await ((Task)_step!.WaitAsync(all._ended)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // An ended activation is not entered again.
            await (_step.IsCompleted ? _step : Task.CompletedTask).ConfigureAwait(false);
        }

        private void Run(Action<Enumerator> step)
        {
            all.Activation.KeepAtLeast(all.Activation.Node.Options.CollectionAge);
            if (all._flow is { } flow)
            {
                ExecutionContext.Run(flow, static pair => (((Action<Enumerator>, Enumerator))pair!).Item1((((Action<Enumerator>, Enumerator))pair!).Item2), (step, this));
            }
            else
            {
                step(this);
            }
        }

        private async Task<bool> StepAsync()
        {
            await new TurnEntry(_turn);
            try
            {
                _inner ??= all.Source.GetAsyncEnumerator(cancellation);
                bool moved = await _inner.MoveNextAsync();
                Current = moved ? _inner.Current : default!;
                return moved;
            }
            catch (Exception exception) when (!IsCancelled(exception))
            {
                await new TurnEntry(_turn);
                throw Failed(exception);
            }
        }

        private async Task<bool> EndAsync(Task last)
        {
            await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await new TurnEntry(_turn);
            try
            {
                await (_inner?.DisposeAsync() ?? default);
                return false;
            }
            catch (Exception exception) when (!IsCancelled(exception))
            {
                await new TurnEntry(_turn);
                throw Failed(exception);
            }
        }

        /// <summary>Whether an exception is the answer to a cancellation, and no failure.</summary>
        private bool IsCancelled(Exception exception) => exception is OperationCanceledException && cancellation.IsCancellationRequested;

        /// <summary>The actor's code failed: as with a call, the policy decides before the reader knows, and the reader gets what it would get from another node. In the executor.</summary>
        private Exception Failed(Exception exception)
        {
            all.Activation.OnTurnFailed(exception);
            return CallFailure.Of(CalleeFault.Of(FaultCode.Exception, exception), all.Activation.Id, node: null);
        }
    }

    private IAsyncEnumerable<T> Source => items;

    private Activation Activation => activation;
}
