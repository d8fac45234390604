import Glibc

enum Process {
    static var id: Int32 { getpid() }
}
