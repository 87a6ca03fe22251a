namespace Kameo.Actors.Transport.Links.Uring;

/// <summary>The three system calls of io_uring. Tests put an older or a stricter kernel here. Each returns what the kernel does: an error as its negative number.</summary>
internal unsafe interface IUringKernel
{
    /// <summary><c>io_uring_setup(2)</c>.</summary>
    int Setup(uint count, UringParameters* parameters);

    /// <summary><c>io_uring_enter(2)</c>: submits, then waits for completions and works off what is due.</summary>
    int Enter(int ring, uint submitCount, uint waitCount);

    /// <summary><c>io_uring_register(2)</c>.</summary>
    int Register(int ring, uint operation, void* argument, uint count);
}
