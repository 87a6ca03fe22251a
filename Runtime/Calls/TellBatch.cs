using System.Runtime.CompilerServices;
using Kameo.Actors.Activations;
using Kameo.Actors.Context;

namespace Kameo.Actors.Calls;

/// <summary>
/// Tells of one method that one thread makes to one actor, one after the other: a single item of the mailbox, to which its thread adds for as long as it is the newest there. So a stream of tells goes from core to core in full
/// cache lines, written by one side and read by the other.
/// </summary>
/// <remarks>
/// <para>
/// Order: what a caller sends to an actor runs in that order, whichever threads it sends on. A tell is added only if nothing was pushed into the mailbox since the batch was, so whatever its caller sent before is in this batch or
/// ahead of it.
/// </para>
/// <para>
/// <see cref="_count"/> is the one word that both sides write: its thread counts a tell in by compare-exchange, after it has written it (release); the consumer closes the batch by an exchange (acquire) before it reads the first,
/// after which the compare-exchange fails and the tell goes elsewhere. Only the thread that made it ever writes into it, also when it is used again: so one that was about to add to a batch that has been closed, run and given back
/// meanwhile cannot harm another's, and no version is needed.
/// </para>
/// </remarks>
/// <param name="source">Whose it is, and where it goes back to.</param>
/// <param name="isKept">Whether it is used again.</param>
internal sealed class TellBatch<TAsk, TForm>(TellSource<TAsk, TForm> source, bool isKept) : LocalTell
    where TAsk : struct
    where TForm : struct, ITellForm<TAsk>
{
    private const int Closed = -1;
    private const int Open = -1;

    /// <summary>Bytes of arguments in one.</summary>
    private const int BytesMax = 1024;

    private const int CountMax = 32;
    private const int CountMin = 4;

    private readonly TAsk[] _asks = new TAsk[Math.Clamp(BytesMax / Unsafe.SizeOf<TAsk>(), CountMin, CountMax)];

    /// <summary>How many there are, or <see cref="Closed"/>. Both sides.</summary>
    private int _count;

    /// <summary>How many there were when it was closed, or <see cref="Open"/>. The consumer.</summary>
    private int _end = Open;

    /// <summary>The first one not taken. The consumer.</summary>
    private int _next;

    /// <inheritdoc/>
    public override ActorMethod Method => TForm.Method;

    /// <summary>Whether it is used again.</summary>
    public bool IsKept => isKept;

    /// <summary>Begins it again. Its thread, while nobody else has it.</summary>
    public void Begin(RequestContextValues? context)
    {
        Context = context;
        _end = Open;
        _next = 0;
        Volatile.Write(ref _count, 0);
    }

    /// <summary>Adds a tell. Its thread only.</summary>
    /// <returns>False if it is full or closed.</returns>
    public bool TryAdd(in TAsk ask)
    {
        int count = Volatile.Read(ref _count);
        if ((uint)count >= (uint)_asks.Length)
        {
            return false;
        }

        _asks[count] = ask;
        if (Interlocked.CompareExchange(ref _count, count + 1, count) == count)
        {
            return true;
        }

        _asks[count] = default; // Whoever runs it does not look there; and it keeps nothing alive while it waits to be used again.
        return false;
    }

    /// <inheritdoc/>
    public override int Close()
    {
        if (_end == Open)
        {
            _end = Interlocked.Exchange(ref _count, Closed);
        }

        return _end - _next;
    }

    /// <inheritdoc/>
    public override void RunNext(Activation activation, Turn turn)
    {
        TAsk ask = Take();
        if (_next == _end)
        {
            GiveBack();
        }

        TForm.Run(ask, activation, turn);
    }

    /// <inheritdoc/>
    public override ActorCall TakeCall(ActorNode node, ActorId target)
    {
        ActorCall call = Fill(TForm.Rent(Take()), node, target, Context);
        if (_next == _end)
        {
            GiveBack();
        }

        return call;
    }

    /// <inheritdoc/>
    public override void Drop()
    {
        for (int left = Close(); left > 0; left--)
        {
            Take();
        }

        GiveBack();
    }

    private TAsk Take()
    {
        ref TAsk at = ref _asks[_next++];
        TAsk ask = at;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TAsk>())
        {
            at = default; // Else nothing of the line is written here.
        }

        return ask;
    }

    private void GiveBack()
    {
        Context = null;
        source.GiveBack(this);
    }
}
