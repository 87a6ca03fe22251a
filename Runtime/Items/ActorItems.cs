using System.ComponentModel;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;

namespace Kameo.Actors.Items;

/// <summary>What generated code does with methods that return items that come one after the other.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class ActorItems
{
    /// <summary>At the caller: items that are asked for when they are enumerated, each time anew. The time of the ask is for its beginning; items may take as long as they like.</summary>
    public static IAsyncEnumerable<T> Asked<T>(Func<CancellationToken, ValueTask<IAsyncEnumerable<T>>> ask, CancellationToken cancellation = default) => AskAsync(ask, cancellation);

    /// <summary>At the actor: items that are produced in turns of it, whoever enumerates them.</summary>
    public static IAsyncEnumerable<T> InTurn<T>(IAsyncEnumerable<T> items) => Turn.Current is { } turn ? new ItemsInTurn<T>(items, turn.Activation) : items;

    private static async IAsyncEnumerable<T> AskAsync<T>(
        Func<CancellationToken, ValueTask<IAsyncEnumerable<T>>> ask, CancellationToken ofCall, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using CancellationTokenSource? both = ofCall.CanBeCanceled && cancellation.CanBeCanceled && ofCall != cancellation ? CancellationTokenSource.CreateLinkedTokenSource(ofCall, cancellation) : null;
        CancellationToken token = both?.Token ?? (ofCall.CanBeCanceled ? ofCall : cancellation);
        IAsyncEnumerable<T> items = await ask(token) ?? throw new InvalidOperationException("The call gave nothing to enumerate: the method returned null, or a filter left no result.");
        await foreach (T item in items.WithCancellation(token))
        {
            yield return item;
        }
    }
}
