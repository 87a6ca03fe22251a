using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Diagnostics;

namespace Kameo.Actors.Calls;

/// <content>Tells to actors of this node.</content>
public abstract partial class ActorReference
{
    /// <summary>Sends a tell; completes when the ring or the mailbox has it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "What copying an argument throws belongs to the caller of this tell.")]
    protected internal ValueTask TellInline<TAsk>(TAsk ask)
        where TAsk : struct, IInlineAsk
    {
        if (ReadyForTells() is not { } activation)
        {
            return SendTell(ask.Rent());
        }

        try
        {
            ask.CopyArguments();
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }

        LocalTell<TAsk> tell = LocalTell<TAsk>.Rent(ask, RequestContext.Current);
        return Push(activation, tell) ? default : SendTell(ask.Rent());
    }

    /// <inheritdoc cref="TellInline{TAsk}(TAsk)"/>
    [SuppressMessage("Design", "CA1031", Justification = "What copying an argument throws belongs to the caller of this tell.")]
    protected internal ValueTask TellInline<TAsk, TResult>(TAsk ask)
        where TAsk : struct, IInlineAsk<TResult>
    {
        if (ReadyForTells() is not { } activation)
        {
            return SendTell(ask.Rent());
        }

        try
        {
            ask.CopyArguments();
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }

        LocalTell<TAsk, TResult> tell = LocalTell<TAsk, TResult>.Rent(ask, RequestContext.Current);
        return Push(activation, tell) ? default : SendTell(ask.Rent());
    }

    /// <summary>The activation that takes a tell now; null where it has to take the long way: not met yet, elsewhere, full, with filters on the way, seen by somebody, or from a turn whose lease has ended.</summary>
    private Activation? ReadyForTells() => IsSurelyElsewhere ? null : FindReadyForTells();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Activation? FindReadyForTells()
    {
        if (Met() is not { Activation: { TakesTells: true } activation } route || !ReferenceEquals(route.Hosts, _node.Hosts.Current) || !route.IsHere || _node.WithoutHost.Count != 0)
        {
            return null;
        }

        Turn? caller = Turn.Current;
        return _node.Metrics.MeasuresAny || ActorTracing.IsToSee(caller) || caller is { Activation.MayEnter: false } ? null : activation;
    }

    private bool Push(Activation activation, LocalTell tell)
    {
        if (!activation.TryTell(tell))
        {
            tell.Drop(); // It has ended meanwhile: the long way finds the next one.
            return false;
        }

        if (activation.IsNew && _route is { } route)
        {
            _node.Sender.LookAgain(route, activation);
        }

        return true;
    }
}
