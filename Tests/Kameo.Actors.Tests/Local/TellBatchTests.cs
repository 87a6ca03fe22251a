using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Tests.Local;

/// <summary>What a batch of tells says to its two sides.</summary>
public sealed class TellBatchTests
{
    private const int Full = 32;

    [Fact]
    public void It_takes_tells_until_it_is_full()
    {
        TellBatch<Told, Recorded> batch = NewBatch();
        Assert.Equal(Full, Enumerable.Range(0, Full + 5).Count(number => batch.TryAdd(new Told(number))));
        Assert.Equal(Full, batch.Close());
    }

    [Fact]
    public void It_takes_none_once_it_is_closed_and_gives_what_it_has_in_order()
    {
        TellBatch<Told, Recorded> batch = NewBatch();
        Assert.True(batch.TryAdd(new Told(1)));
        Assert.True(batch.TryAdd(new Told(2)));
        Assert.Equal(2, batch.Close());
        Assert.False(batch.TryAdd(new Told(3)));
        Recorded.Ran.Clear();
        batch.RunNext(null!, null!);
        Assert.Equal(1, batch.Close());
        batch.RunNext(null!, null!);
        Assert.Equal([1, 2], Recorded.Ran);
    }

    [Fact]
    public void Begun_again_it_is_empty()
    {
        TellBatch<Told, Recorded> batch = NewBatch();
        Assert.True(batch.TryAdd(new Told(1)));
        batch.Drop();
        Assert.False(batch.TryAdd(new Told(2)));
        batch.Begin(null);
        Assert.True(batch.TryAdd(new Told(3)));
        Assert.Equal(1, batch.Close());
    }

    [Fact]
    public void Large_arguments_make_it_short()
    {
        var batch = new TellBatch<Large, LargeForm>(new TellSource<Large, LargeForm>(), isKept: true);
        batch.Begin(null);
        Assert.Equal(4, Enumerable.Range(0, Full).Count(_ => batch.TryAdd(default)));
    }

    /// <summary>Every tell that was added is among those that the closer takes, whenever it closes.</summary>
    [Fact]
    public void Who_closes_it_takes_all_that_were_added()
    {
        const int EnoughMet = 200;
        TellBatch<Told, Recorded> batch = NewBatch();
        int round = 0; // Odd: both work on it; even: the closer alone.
        int added = -1;
        bool isOver = false;
        var adder = new Thread(() =>
        {
            var spin = default(SpinWait);
            for (int next = 1; !Volatile.Read(ref isOver); next += 2)
            {
                while (Volatile.Read(ref round) != next && !Volatile.Read(ref isOver))
                {
                    spin.SpinOnce(-1);
                }

                int count = 0;
                while (batch.TryAdd(new Told(count)))
                {
                    count++;
                }

                Volatile.Write(ref added, count);
            }
        });
        adder.Start();
        long end = Environment.TickCount64 + 2000;
        for (int met = 0; met < EnoughMet && Environment.TickCount64 < end; round++)
        {
            Volatile.Write(ref round, round + 1);
            Thread.SpinWait(met % 100);
            int closed = batch.Close();
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref added) >= 0, 10_000));
            Assert.Equal(added, closed);
            met += closed is > 0 and < Full ? 1 : 0;
            Recorded.Ran.Clear();
            for (int left = closed; left > 0; left--)
            {
                batch.RunNext(null!, null!);
            }

            Assert.Equal(Enumerable.Range(0, closed), Recorded.Ran);
            added = -1;
            batch.Begin(null);
        }

        Volatile.Write(ref isOver, true);
        adder.Join();
    }

    private static TellBatch<Told, Recorded> NewBatch()
    {
        var batch = new TellBatch<Told, Recorded>(new TellSource<Told, Recorded>(), isKept: true);
        batch.Begin(null);
        return batch;
    }

    private readonly record struct Told(int Number);

    private readonly struct Large
    {
#pragma warning disable CS0169, IDE0051 // Only its size counts.
        private readonly (UInt128, UInt128, UInt128, UInt128) _first;
        private readonly (UInt128, UInt128, UInt128, UInt128) _second;
        private readonly (UInt128, UInt128, UInt128, UInt128) _third;
        private readonly (UInt128, UInt128, UInt128, UInt128) _fourth;
        private readonly (UInt128, UInt128, UInt128, UInt128) _fifth;
#pragma warning restore CS0169, IDE0051
    }

    private readonly struct Recorded : ITellForm<Told>
    {
        [ThreadStatic]
        private static List<int>? t_ran;

        public static List<int> Ran => t_ran ??= [];

        public static ActorMethod Method => throw new NotSupportedException();

        public static void CopyArguments(ref Told ask)
        {
        }

        public static void EncodeArguments(in Told ask, ref MessagePackWriter writer) => throw new NotSupportedException();

        public static ActorCall Rent(in Told ask) => throw new NotSupportedException();

        public static void Run(in Told ask, Activation activation, Turn turn) => Ran.Add(ask.Number);
    }

    private readonly struct LargeForm : ITellForm<Large>
    {
        public static ActorMethod Method => throw new NotSupportedException();

        public static void CopyArguments(ref Large ask)
        {
        }

        public static void EncodeArguments(in Large ask, ref MessagePackWriter writer) => throw new NotSupportedException();

        public static ActorCall Rent(in Large ask) => throw new NotSupportedException();

        public static void Run(in Large ask, Activation activation, Turn turn) => throw new NotSupportedException();
    }
}
