using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Diagnostics;

namespace Kameo.Actors.Calls;

/// <content>Tells to actors of this node.</content>
public abstract partial class ActorReference
{
    /// <summary>Sends a tell; completes when the ring or the mailbox has it.</summary>
    protected internal ValueTask TellInline<TAsk>(TAsk ask)
        where TAsk : struct, IInlineAsk => TellHere<TAsk, VoidTell<TAsk>>(ask);

    /// <inheritdoc cref="TellInline{TAsk}(TAsk)"/>
    protected internal ValueTask TellInline<TAsk, TResult>(TAsk ask)
        where TAsk : struct, IInlineAsk<TResult> => TellHere<TAsk, ResultTell<TAsk, TResult>>(ask);

    [SuppressMessage("Design", "CA1031", Justification = "What copying an argument throws belongs to the caller of this tell.")]
    private ValueTask TellHere<TAsk, TForm>(TAsk ask)
        where TAsk : struct
        where TForm : struct, ITellForm<TAsk>
    {
        if (ReadyForTells() is not { } activation)
        {
            return IsSurelyElsewhere && Terms is null && _route is { } way && ReferenceEquals(way.Hosts, _node.Hosts.Current) && _node.Sender.TryTellThere<TAsk, TForm>(this, way, ask, out ValueTask sent)
                ? sent : SendTell(TForm.Rent(ask));
        }

        try
        {
            TForm.CopyArguments(ref ask);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }

        if (!TellSource<TAsk, TForm>.TryTell(activation, ask, RequestContext.Current))
        {
            return SendTell(TForm.Rent(ask)); // It has ended meanwhile: the long way finds the next one.
        }

        if (activation.IsNew && _route is { } route)
        {
            _node.Sender.LookAgain(route, activation);
        }

        return default;
    }

    /// <summary>The activation that takes a tell now; null where it has to take the long way: not met yet, elsewhere, full, with filters on the way, seen by somebody, or from a turn whose lease has ended.</summary>
    private Activation? ReadyForTells() => IsSurelyElsewhere ? null : FindReadyForTells();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Activation? FindReadyForTells()
    {
        if (Met() is not { Activation: { TakesTells: true } activation } route || !ReferenceEquals(route.Hosts, _node.Hosts.Current) || !route.IsHere || !_node.WithoutHost.IsEmpty)
        {
            return null;
        }

        Turn? caller = Turn.Current;
        return _node.Metrics.MeasuresAny || ActorTracing.IsToSee(caller) || caller is { Activation.MayEnter: false } ? null : activation;
    }
}
