using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Context;
using Kameo.Actors.Transport.Queues;

namespace Kameo.Actors.Calls;

/// <summary>A thread's local tells of one method: what it pushed last, and its batches. That thread's alone, but for <see cref="GiveBack"/>.</summary>
internal sealed class TellSource<TAsk, TForm>
    where TAsk : struct
    where TForm : struct, ITellForm<TAsk>
{
    /// <summary>Most batches that are used again; of more at a time the others are left to the garbage collector. Enough to fill a mailbox of 16,384.</summary>
    private const int KeptMax = 512;

    [ThreadStatic]
    private static TellSource<TAsk, TForm>? t_own;

    private InboxItem? _last;

    /// <summary>
    /// Where the activation that was told last was in memory: only compared, not the object, which this would keep alive. One that was moved since, or another that is there now, costs one tell by itself or a batch of one. (Its identity hash
    /// would be in its header, whose cache line others write.)
    /// </summary>
    private nint _lastTo;
    private TellBatch<TAsk, TForm>? _batch;
    private InboxItem? _free;
    private int _kept;
    private Inbox _returned;

    /// <summary>Sends a tell to an actor of this node.</summary>
    /// <returns>False if the activation has ended.</returns>
    public static bool TryTell(Activation activation, in TAsk ask, RequestContextValues? context) => (t_own ??= new TellSource<TAsk, TForm>()).TryTellFrom(activation, ask, context);

    /// <summary>A batch has run. Any thread.</summary>
    public void GiveBack(TellBatch<TAsk, TForm> batch)
    {
        if (batch.IsKept)
        {
            _returned.TryPush(batch);
        }
    }

    private bool TryTellFrom(Activation activation, in TAsk ask, RequestContextValues? context)
    {
        // Nothing came since this thread's last tell: it sends several, which go into a batch. (A single one may be another's by now, and another thread may have pushed it there: then a batch is begun for nothing.)
        bool isNext = _last is { } last && activation.IsNewest(last);
        if (isNext && _batch is { } batch && ReferenceEquals(batch.Context, context) && activation.TryTell(batch, ask))
        {
            return true;
        }

        // The same where others send to it, too, and came between: while it sends it will send more. But then most batches stay short, so only one that is at hand is taken for it.
        nint to = Unsafe.As<Activation, nint>(ref activation);
        TellBatch<TAsk, TForm>? begun = isNext || (_lastTo == to && HasFree) ? RentBatch(context) : null;
        begun?.TryAdd(ask);
        LocalTell tell = begun ?? (LocalTell)LocalTell<TAsk, TForm>.Rent(ask, context);
        if (!activation.TryTell(tell))
        {
            tell.Drop();
            return false;
        }

        _last = tell;
        _lastTo = to;
        _batch = begun;
        return true;
    }

    /// <summary>Whether a batch is at hand. A glance.</summary>
    private bool HasFree => _free is not null || !_returned.IsEmpty;

    private TellBatch<TAsk, TForm> RentBatch(RequestContextValues? context)
    {
        _free ??= _returned.TakeAll();
        TellBatch<TAsk, TForm> batch;
        if (_free is TellBatch<TAsk, TForm> free)
        {
            _free = free.NextItem;
            free.NextItem = null;
            batch = free;
        }
        else
        {
            batch = new TellBatch<TAsk, TForm>(this, isKept: _kept < KeptMax);
            _kept += batch.IsKept ? 1 : 0;
        }

        batch.Begin(context);
        return batch;
    }
}
